/**
 * Distinguishes the first execution of a transition from repetitions, with which a search checks that transitions are
 * deterministic: it executes all operations on a state before it repeats any of them.
 */

/** Number of values of an operation's parameter: pages and numbers of processes. */
const VALUES = 128;

/** The set of executed transitions. */
export class TransitionSet {
  /** One bit for each state that was a start. */
  private starts: Uint8Array = new Uint8Array(1024);
  private readonly operations = new Map<string, number>();
  private readonly current = new Set<number>();
  private isNew = false;

  /**
   * Sets the start state of the following operations.
   *
   * @param state its number
   */
  startFrom(state: number): void {
    const byte = state >> 3;
    if (byte >= this.starts.length) {
      const larger = new Uint8Array(2 * byte);
      larger.set(this.starts);
      this.starts = larger;
    }
    const bits = this.starts[byte] as number;
    const bit = 1 << (state & 7);
    this.isNew = (bits & bit) === 0;
    this.starts[byte] = bits | bit;
    this.current.clear();
  }

  /** Whether an operation is executed on the state for the first time. */
  isFirst(operation: string, parameters: readonly number[]): boolean {
    if (!this.isNew) {
      return false;
    }
    let key = this.operations.get(operation);
    if (key === undefined) {
      key = this.operations.size;
      this.operations.set(operation, key);
    }
    for (let i = 0; i < parameters.length; i++) {
      key = key * VALUES + (parameters[i] as number);
    }
    const before = this.current.size;
    return this.current.add(key).size > before;
  }
}
