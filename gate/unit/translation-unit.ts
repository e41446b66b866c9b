/** Kernel code on its way from a source tree to a module: what each stage hands to the next. */

import type { TreeChange } from "../tree/changed-code.ts";
import type { GateConfiguration } from "../tree/configuration.ts";
import type { CountField } from "../tree/count-fields.ts";
import type { LineRange } from "../tree/line-set.ts";
import type { WarningSite } from "../tree/warning-site.ts";
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

/** A kernel of the model, and why it is the one that a tree is compared with. */
export interface ModelKernel {
  readonly name: string;
  /** An identifier that the tree has in a file; absent when it has no sign of a newer kernel. */
  readonly sign?: { readonly file: string; readonly identifier: string };
}

/** The functions of a tree as one unit of C, for one configuration. */
export interface TranslationUnit {
  readonly configuration: GateConfiguration;
  /** The unit, with #line directives that lead to the tree. */
  readonly source: string;
  readonly functions: readonly ExtractedFunction[];
  /** Names of the functions of the tree that the driver calls for its own work, and of those that they call. */
  readonly harnessFunctions: readonly string[];
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
