/**
 * Tells transitions that a search takes for the first time from those that it takes again, to see whether they do the same: it executes
 * all operations on a state one after the other, before any of them a second time.
 */

/** Values that a parameter of an operation can have: pages and numbers of processes. */
const VALUES = 128;

/** The transitions that were taken. */
export class ExecutedOnce {
  /** One bit for each state that was a start. */
  private starts: Uint8Array = new Uint8Array(1024);
  private readonly operations = new Map<string, number>();
  private readonly executed = new Set<number>();
  private isNew = false;

  /** The operations that follow start from a state. @param state its number */
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
    this.executed.clear();
  }

  /** Whether an operation is executed for the first time on the state. */
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
    const before = this.executed.size;
    return this.executed.add(key).size > before;
  }
}
