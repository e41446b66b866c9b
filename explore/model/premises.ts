import type { WarningLog } from "./machine.ts";

/**
 * Counts true premises of claims inside recipes, in the steps of a search only. Recipes also run to check the machine
 * and to find paths, and properties may call functions of recipes; those evaluations go to counters that are never
 * read. Switching counters costs less than saving and restoring them.
 */
export class PremiseCounts {
  private readonly log: WarningLog;
  private readonly original: Float64Array | undefined;
  private readonly counted: Float64Array;
  private readonly ignored: Float64Array;
  private readonly marked: Float64Array;

  constructor(log: WarningLog) {
    this.log = log;
    this.original = log.evaluations;
    this.counted = new Float64Array(log.evaluations?.length ?? 0);
    this.ignored = new Float64Array(this.counted.length);
    this.marked = new Float64Array(this.counted.length);
  }

  /** Starts counting. */
  count(): void {
    if (this.original !== undefined) {
      this.log.evaluations = this.counted;
    }
  }

  /** Stops counting. */
  ignore(): void {
    if (this.original !== undefined) {
      this.log.evaluations = this.ignored;
    }
  }

  /** Restores the log's original counters. */
  close(): void {
    if (this.original !== undefined) {
      this.log.evaluations = this.original;
    }
  }

  /** Saves the counts for `goBack`. */
  mark(): void {
    this.marked.set(this.counted);
  }

  /** Reverts to the counts of the last `mark`. */
  goBack(): void {
    this.counted.set(this.marked);
  }

  /** Number of times that each premise was true. */
  counts(): number[] {
    return [...this.counted];
  }

  /** Adds the counts of another thread. */
  add(counts: Float64Array): void {
    for (let code = 0; code < counts.length; code++) {
      this.counted[code] = (this.counted[code] as number) + (counts[code] as number);
    }
  }

  /** Continues from the counts of another search. */
  restore(counts: ArrayLike<number>): void {
    this.counted.set(counts);
  }

  /** Number of times that the premises with these codes were true. */
  totalOf(codes: readonly number[]): number {
    return codes.reduce((sum, code) => sum + (this.counted[code] ?? 0), 0);
  }
}
