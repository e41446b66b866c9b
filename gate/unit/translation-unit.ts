/** The translation unit: functions of a kernel tree, extracted for compilation to a WebAssembly module. */

import type { TreeChange } from "../tree/changed-code.ts";
import type { GateConfiguration } from "../tree/configuration.ts";
import type { CountField } from "../tree/count-fields.ts";
import type { LineRange } from "../tree/line-set.ts";
import type { WarningSite } from "../tree/warning-site.ts";
/** A function of the manifest. */
export interface ExtractedFunction {
  /** The kernel's name. */
  readonly name: string;
  /** File of its definition, relative to the tree; the file where it is expected if it is missing. */
  readonly file: string;
  /** Line of its definition, from 1; 0 if it is missing. */
  readonly line: number;
  /** Difference from the base tree; `unchanged` without one. */
  readonly status: "unchanged" | "changed" | "new" | "missing";
  /** Lines that differ from the base: its own, and those of macros, types and variables that it uses. */
  readonly changes: readonly LineRange[];
}

/** A kernel of the model, and the reason why a tree is compared with it. */
export interface ModelKernel {
  readonly name: string;
  /** An identifier that a file of the tree contains; absent if there is no sign of a newer kernel. */
  readonly sign?: { readonly file: string; readonly identifier: string };
}

/** The functions of a tree as one translation unit, for one configuration. */
export interface TranslationUnit {
  readonly configuration: GateConfiguration;
  /** C source, with #line directives that refer to the tree. */
  readonly source: string;
  readonly functions: readonly ExtractedFunction[];
  /** Names of the functions of the tree that the harness itself uses, and of those that they call. */
  readonly harnessFunctions: readonly string[];
  readonly warnings: readonly WarningSite[];
  /** Differences of the whole tree from the base, the same in all of its units; absent without a base. */
  readonly change?: TreeChange;
  /** The counts that this tree has, among those that not every tree has and that the model has. */
  readonly counts: readonly CountField[];
  /** Whether CONFIG_PAGE_MAPCOUNT occurs in the tree. */
  readonly hasPageMapcountOption: boolean;
  /** The model's kernel that the C code is compared with, and that provides functions without C code. */
  readonly modelKernel: ModelKernel;
}
