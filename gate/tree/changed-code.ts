/** The difference of a tree from its base, as data. */
import type { LineRange } from "./line-set.ts";

/** Lines that differ from the base and that the gate does not check. */
export interface UncheckedLines extends LineRange {
  /** The reason, as a main clause. */
  readonly why: string;
}

/** A function whose definition differs from the base, in scope or not. */
export interface ChangedFunction {
  readonly name: string;
  readonly file: string;
  /** First and last line of its definition; for a removed function, both are the line where it was. */
  readonly line: number;
  readonly endLine: number;
  readonly status: "changed" | "new" | "removed";
  /**
   * The reason why the gate does not check it, or some of its changed lines, as a main clause; absent for one in scope.
   */
  readonly why?: string;
}

/** A line outside of functions that differs from the base. */
export interface ChangedLine {
  readonly file: string;
  readonly line: number;
  /** The reason why the gate does not check it, as a main clause; absent for one in scope. */
  readonly why?: string;
}

/** The difference of a tree from its base, and the part of it that is in no unit. */
export interface ChangedCode {
  /** Every function whose definition differs. */
  readonly functions: readonly ChangedFunction[];
  /** Every line outside of functions that differs, except comments, white space and #include. */
  readonly lines: readonly ChangedLine[];
  /** Lines that no unit contains in any configuration, and lines in units that require options that no unit has. */
  readonly uncovered: readonly UncheckedLines[];
  /** Sentences about parts of a patch that were not applied. */
  readonly notApplied: readonly string[];
  /** The folders whose files were compared; present for a base tree (`--base`). */
  readonly folders?: readonly string[];
}

/** The difference after extraction of the base. */
export interface TreeChange extends ChangedCode {
  /** Whether a line that differs is in a unit of the tree or of the base. */
  readonly isInUnit: boolean;
}
