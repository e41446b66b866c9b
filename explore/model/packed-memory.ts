/** Location of a number or flag in the current state: stored minus its smallest value. */
export interface Place {
  readonly word: number;
  /** Its lowest bit in the word. */
  readonly shift: number;
  readonly bits: number;
  readonly min: number;
}

/** The current state as memory and as a draft. */
export interface PackedMemory<T> {
  readonly memory: Int32Array;
  readonly draft: T;
  /** By path; only fields with more than one possible value. */
  readonly places: ReadonlyMap<string, Place>;
}
