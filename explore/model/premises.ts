import type { WarningLog } from "./machine.ts";

/**
 * Counts how often the premises of claims inside recipes were true in the steps of a search, and nowhere else. Recipes
 * are also run to check the machine and to find paths, and properties may call what recipes call; what is asked then goes
 * to counters that nobody reads. Changing counters costs less than saving and restoring them.
 */
export class PremiseCounts {
  private readonly log: WarningLog;
  private readonly original: Float64Array | undefined;
  private readonly counted: Float64Array;
  private readonly ignored: Float64Array;
  private readonly marked: Float64Array;

  constructor(log: WarningLog) {
    this.log = log;
    this.original = log.asked;
    this.counted = new Float64Array(log.asked?.length ?? 0);
    this.ignored = new Float64Array(this.counted.length);
    this.marked = new Float64Array(this.counted.length);
  }

  /** What is asked from now on counts. */
  count(): void {
    if (this.original !== undefined) {
      this.log.asked = this.counted;
    }
  }

  /** What is asked from now on does not count. */
  ignore(): void {
    if (this.original !== undefined) {
      this.log.asked = this.ignored;
    }
  }

  /** Gives the log its own counters back. */
  close(): void {
    if (this.original !== undefined) {
      this.log.asked = this.original;
    }
  }

  /** Remembers the counts, for `goBack`. */
  mark(): void {
    this.marked.set(this.counted);
  }

  /** What was asked since the last `mark` does not count. */
  goBack(): void {
    this.counted.set(this.marked);
  }

  /** How often each premise was true. */
  counts(): number[] {
    return [...this.counted];
  }

  /** Goes on counting from what another search counted. */
  restore(counts: readonly number[]): void {
    this.counted.set(counts);
  }

  /** How often the premises with these codes were true. */
  totalOf(codes: readonly number[]): number {
    return codes.reduce((sum, code) => sum + (this.counted[code] ?? 0), 0);
  }
}
