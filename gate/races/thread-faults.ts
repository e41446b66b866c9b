/** Faults of C code that show while it runs as a thread: each has a warning code. */

/** Their codes: the first, and how many there can be. Above those of places that warn, and of data races. */
export const THREAD_FAULTS = { first: 5000, count: 100 } as const;

/** The faults of a tree, in the order in which they were found. */
export class ThreadFaults {
  private readonly texts: string[] = [];

  /** @param what such as `it leaves the large-mapcount lock taken` */
  codeOf(what: string): number {
    const known = this.texts.indexOf(what);
    const index = known >= 0 ? known : this.texts.push(what) - 1;
    if (index >= THREAD_FAULTS.count) {
      throw new RangeError(`C code has more than ${THREAD_FAULTS.count} faults: ${what}`);
    }
    return THREAD_FAULTS.first + index;
  }

  /** Undefined for the code of anything else. */
  textOf(code: number): string | undefined {
    return this.texts[code - THREAD_FAULTS.first];
  }
}
