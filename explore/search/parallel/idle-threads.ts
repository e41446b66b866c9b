/**
 * Threads of a pool of searches that have nothing to do, counted in shared memory. A search that lasts takes them, and
 * gives them back when it ends.
 */

const IDLE = 0;
const TAKEN = 1;
const ALL = 2;

/** The counts, in any of the threads. */
export class IdleThreads {
  readonly numbers: Int32Array;

  /** @param numbers those of another thread */
  constructor(numbers: Int32Array) {
    this.numbers = numbers;
  }

  /** Counts for a new pool. @param all number of its threads */
  static ofPool(all: number): IdleThreads {
    const numbers = new Int32Array(new SharedArrayBuffer(12));
    numbers[ALL] = all;
    return new IdleThreads(numbers);
  }

  /** Number of threads of the pool. */
  get all(): number {
    return Atomics.load(this.numbers, ALL);
  }

  /** Pool: sets the number of threads that run no search, while no search is queued. */
  set(idle: number): void {
    Atomics.store(this.numbers, IDLE, idle);
  }

  /** Search: takes the idle threads that no other search has. @returns their number, 0 for none */
  take(): number {
    for (;;) {
      const taken = Atomics.load(this.numbers, TAKEN);
      const free = Atomics.load(this.numbers, IDLE) - taken;
      if (free <= 0) {
        return 0;
      }
      if (Atomics.compareExchange(this.numbers, TAKEN, taken, taken + free) === taken) {
        return free;
      }
    }
  }

  /** Search: gives threads back that it took. */
  giveBack(count: number): void {
    Atomics.sub(this.numbers, TAKEN, count);
  }
}
