/** How a tree differs from its base, as data. */
import type { LineRange } from "./line-set.ts";

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
