/** Values of a step. */

/** Value with that before the step. */
export interface Fact {
  readonly now: string;
  /** Absent if the step did not change it, and in an initial state. */
  readonly before?: string;
  /** Sentence about the expected value, if this one violates the claim. */
  readonly fault?: string;
}
