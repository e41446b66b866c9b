/** Kernel code on its way from a source tree to a module: what each stage hands to the next. */

import type { WasmModule } from "../module/web-assembly.ts";
import type { CountField } from "../tree/count-fields.ts";

/** A kernel configuration to compile for. */
export interface GateConfiguration {
  /** CONFIG_PAGE_MAPCOUNT; off: CONFIG_NO_PAGE_MAPCOUNT. */
  readonly pageMapcount: boolean;
  /** CONFIG_64BIT: compiled for wasm64, else for wasm32. */
  readonly is64Bit: boolean;
  /** CONFIG_MM_ID, and with it CONFIG_TRANSPARENT_HUGEPAGE. */
  readonly mmId: boolean;
}

/** Lines of a file of the tree, from 1; both ends belong to it. */
export interface LineRange {
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
}

/** A function of the manifest. */
export interface ExtractedFunction {
  /** The kernel's name. */
  readonly name: string;
  /** Where it is defined, relative to the tree; where it should be, when it is missing. */
  readonly file: string;
  /** Line of its definition, from 1; 0 when it is missing. */
  readonly line: number;
  /** How it compares with the base tree; `unchanged` without one. */
  readonly status: "unchanged" | "changed" | "new" | "missing";
  /** The lines by which it differs from the base: its own, and those of macros, types and variables that it uses. */
  readonly changes: readonly LineRange[];
}

/** Lines that differ from the base, and that the gate does not look at. */
export interface OverlookedLines extends LineRange {
  /** The reason, as a main clause. */
  readonly why: string;
}

/** A function whose definition differs from the base, in scope or not. */
export interface ChangedFunction {
  readonly name: string;
  readonly file: string;
  /** First and last line of its definition; of one that was removed, the line in its place. */
  readonly line: number;
  readonly endLine: number;
  readonly status: "changed" | "new" | "removed";
  /** Why the gate does not check it, or part of what changed in it, as a main clause; absent for one in scope. */
  readonly why?: string;
}

/** A line outside of functions that differs from the base. */
export interface ChangedLine {
  readonly file: string;
  readonly line: number;
  /** Why the gate does not check it, as a main clause; absent for one in scope. */
  readonly why?: string;
}

/** How a tree differs from its base, and which of it no unit has. */
export interface ChangedCode {
  /** Every function whose definition differs. */
  readonly functions: readonly ChangedFunction[];
  /** Every line outside of functions that differs, but for comments, white space and #include. */
  readonly lines: readonly ChangedLine[];
  /** What no unit has, whatever the configuration; and what is in units, but asks for options that none of them has. */
  readonly overlooked: readonly OverlookedLines[];
  /** Sentences about parts of a patch that were not applied. */
  readonly notApplied: readonly string[];
  /** With a base of its own: the folders whose files were compared. */
  readonly folders?: readonly string[];
}

/** The same, when all of the base is known. */
export interface TreeChange extends ChangedCode {
  /** Whether any line that differs is in a unit, of the tree or of the base. */
  readonly isInUnit: boolean;
}

/** A place in the tree that warns: VM_WARN_ON() and its like, BUG_ON(), or a bad page. */
export interface WarningSite {
  /** What `gate_warning` holds when this place was the first to warn; from 1. */
  readonly id: number;
  readonly file: string;
  readonly line: number;
  /** The condition, or what it says. */
  readonly text: string;
}

/** A kernel of the model, and why it is the one that a tree is compared with. */
export interface ModelKernel {
  readonly name: string;
  /** An identifier that the tree has in a file; absent when it has no sign of a newer kernel. */
  readonly sign?: { readonly file: string; readonly identifier: string };
}

/** The functions of a tree as one unit of C, for one configuration. */
export interface KernelUnit {
  readonly configuration: GateConfiguration;
  /** The unit, with #line directives that lead to the tree. */
  readonly source: string;
  readonly functions: readonly ExtractedFunction[];
  /** Names of the functions of the tree that the driver calls for its own work, and of those that they call. */
  readonly driversFunctions: readonly string[];
  readonly warnings: readonly WarningSite[];
  /** How the whole tree differs from the base, the same in all of its units; absent without a base. */
  readonly change?: TreeChange;
  /** Of the counts that not every tree has, those that this one keeps under names that the model knows. */
  readonly counts: readonly CountField[];
  /** Whether the tree knows of CONFIG_PAGE_MAPCOUNT at all. */
  readonly hasPageMapcountOption: boolean;
  /** The kernel of the model that the C code is compared with, and that does what the gate has no C code for. */
  readonly modelKernel: ModelKernel;
}

/** A compiled unit. */
export interface CompiledKernel {
  readonly unit: KernelUnit;
  readonly module: WasmModule;
  /** SHA-256 of the module. */
  readonly digest: string;
}
