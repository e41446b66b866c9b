/** Where a number or flag lies in the current state: stored minus its smallest value. */
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
  /** By path; of each field that can have more than one value. */
  readonly places: ReadonlyMap<string, Place>;
}
