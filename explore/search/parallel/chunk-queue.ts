/**
 * The order of work of a search and its workers, in shared memory.
 *
 * Chunks have numbers: the search hands them out in their order, each to the next worker that claims one, and takes the
 * results back in their order. There are a few slots for results; number n is in slot n modulo their count, and is
 * handed out when the results that were there have been taken. So each worker gets its chunks in ascending order, and
 * all writes of the search before it hands a chunk out are visible to the worker, as are the worker's to the search.
 */

/** Numbers in shared memory. */
const HANDED_OUT = 0;
const CLAIMED = 1;
const READY = 2;
const LOST = 3;
/** Number of visited states, as 32 bits. */
const VISITED = 4;
/** Number of workers that need no longer be waited for. */
const LEFT = 5;
/** For each slot: one more than the number of the chunk that was expanded last. */
const EXPANDED = 6;

/** In place of the number of chunks: there will be no more. */
const CLOSED = -1;

/** Milliseconds after which a search that waits looks for lost workers. */
const PATIENCE = 50;

/** Milliseconds in which V8's compiler threads complete the work for a worker that does nothing. */
const QUIET = 250;

/** Milliseconds after which a worker is ended that does not leave, because one of its steps takes so long. */
const MOST_PATIENCE = 10_000;

/** The queue, in any of the threads. */
export class ChunkQueue {
  readonly numbers: Int32Array;
  readonly slots: number;

  /** @param numbers those of a queue in another thread */
  constructor(numbers: Int32Array) {
    this.numbers = numbers;
    this.slots = numbers.length - EXPANDED;
  }

  /** A new queue. */
  static withSlots(slots: number): ChunkQueue {
    return new ChunkQueue(new Int32Array(new SharedArrayBuffer(4 * (EXPANDED + slots))));
  }

  /** Worker: reports that it waits for chunks. */
  reportReady(): void {
    Atomics.add(this.numbers, READY, 1);
    Atomics.notify(this.numbers, READY);
  }

  /** Worker: claims the next chunk, and waits until it is handed out. @returns its number; undefined at the end */
  claim(): number | undefined {
    const chunk = Atomics.add(this.numbers, CLAIMED, 1);
    for (;;) {
      const handedOut = Atomics.load(this.numbers, HANDED_OUT);
      if (handedOut === CLOSED) {
        return undefined;
      }
      if (chunk < handedOut) {
        return chunk;
      }
      Atomics.wait(this.numbers, HANDED_OUT, handedOut);
    }
  }

  /** Worker: returns the results of a chunk. */
  reportExpanded(chunk: number): void {
    const at = EXPANDED + (chunk % this.slots);
    Atomics.store(this.numbers, at, chunk + 1);
    Atomics.notify(this.numbers, at);
  }

  /** Worker: the number of states that it can see. Those of a chunk that it has claimed are among them. */
  get visited(): number {
    return Atomics.load(this.numbers, VISITED) >>> 0;
  }

  /** Search: makes states visible. */
  publish(visited: number): void {
    Atomics.store(this.numbers, VISITED, visited);
  }

  /** Search: hands out the next chunk, which is in its slot. */
  handOut(): void {
    Atomics.add(this.numbers, HANDED_OUT, 1);
    Atomics.notify(this.numbers, HANDED_OUT);
  }

  /** Search: waits for the results of a chunk. @returns false when a worker was lost */
  waitFor(chunk: number): boolean {
    const at = EXPANDED + (chunk % this.slots);
    for (;;) {
      const expanded = Atomics.load(this.numbers, at);
      if (expanded === chunk + 1) {
        return true;
      }
      if (this.isWorkerLost) {
        return false;
      }
      Atomics.wait(this.numbers, at, expanded, PATIENCE);
    }
  }

  /** Number of workers that have reported ready. */
  get ready(): number {
    return Atomics.load(this.numbers, READY);
  }

  /** Search: waits until some workers are ready. @returns false when a worker was lost */
  waitForReady(workers: number): boolean {
    for (let { ready } = this; ready < workers; ready = this.ready) {
      if (this.isWorkerLost) {
        return false;
      }
      Atomics.wait(this.numbers, READY, ready, PATIENCE);
    }
    return true;
  }

  /** Worker: reports that it can be ended. Node.js can crash when a thread ends while V8 compiles code for it. */
  leave(): void {
    Atomics.wait(this.numbers, HANDED_OUT, CLOSED, QUIET);
    Atomics.add(this.numbers, LEFT, 1);
    Atomics.notify(this.numbers, LEFT);
  }

  /** Search: hands out no more chunks. */
  close(): void {
    Atomics.store(this.numbers, HANDED_OUT, CLOSED);
    Atomics.notify(this.numbers, HANDED_OUT);
  }

  /** Search: waits until all workers, except lost ones, have left the closed queue. */
  waitForLeft(workers: number): void {
    const end = performance.now() + MOST_PATIENCE;
    for (let left = 0; left + this.lost < workers && performance.now() < end; ) {
      Atomics.wait(this.numbers, LEFT, left, PATIENCE);
      left = Atomics.load(this.numbers, LEFT);
    }
  }

  /** Whether there will be no more chunks. */
  get isClosed(): boolean {
    return Atomics.load(this.numbers, HANDED_OUT) === CLOSED;
  }

  /** Whether a worker ended before the queue was closed. */
  get isWorkerLost(): boolean {
    return this.lost > 0;
  }

  /** Supervisor: reports that a worker ended before it left. */
  reportLost(): void {
    Atomics.add(this.numbers, LOST, 1);
  }

  private get lost(): number {
    return Atomics.load(this.numbers, LOST);
  }
}
