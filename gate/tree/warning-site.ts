/** A warning site: a place in the tree that warns, by VM_WARN_ON() and similar macros, BUG_ON(), or bad_page(). */
export interface WarningSite {
  /** Value of `gate_warning` if this site is the first to warn; from 1. */
  readonly id: number;
  readonly file: string;
  readonly line: number;
  /** Text of the macro call. */
  readonly text: string;
}
