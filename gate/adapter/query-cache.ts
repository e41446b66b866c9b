/**
 * Cache of the results of read-only C functions. Several claims query the folios of every state, and most folios of a
 * state are also in its neighbours. As in call-memo.ts, one in RECHECK_INTERVAL cached results is queried again and
 * must be the same.
 *
 * The cache is direct-mapped, with one slot for all results of a folio, and small enough for the processor's cache.
 */
import { MachineError } from "../../explore/model/errors.ts";
import { hasBits, type RecordBits } from "../../explore/packed/packed.ts";

/** Bits of a slot number. */
const SLOT_BITS = 12;

/** One of this many cached results is queried again. */
const RECHECK_INTERVAL = 64;

/** Words of an entry: the kind of folio, a bit set of the cached results, then the folio, then the results. */
const KIND = 0;
const VALID = 1;
const FOLIO = 2;

/** The cache. Folios that are no packed records are not cached. */
export class QueryCache {
  /** Number of results per folio, at most 32: a bit set marks the cached ones. */
  private readonly count: number;
  /** Length of the longest folio so far, and of an entry, in 32-bit words. */
  private length = 0;
  private size = 0;
  private entries: Int32Array = new Int32Array(0);
  /** Position of the folio's entry, and number of the result, of the last find(); a negative position is none. */
  private place = -1;
  private which = 0;
  private hits = 0;
  /** While true, every function is queried, and a cached result must be the same. */
  rechecksAll = false;

  private readonly nameOf: (which: number) => string;

  /** @param nameOf the name of the function for the number of a result, for messages */
  constructor(count: number, nameOf: (which: number) => string) {
    this.count = count;
    this.nameOf = nameOf;
  }

  /**
   * Looks up a result.
   *
   * @param which its number, from 0
   * @returns position of the cached result; negative if the function must be queried
   */
  find(folio: object, which: number): number {
    if (!hasBits(folio)) {
      this.place = -1;
      return -1;
    }
    const at = this.placeOf(folio);
    this.place = at;
    this.which = which;
    if ((((this.entries[at + VALID] as number) >>> which) & 1) === 0) {
      return -1;
    }
    this.hits += 1;
    return this.hits % RECHECK_INTERVAL === 0 || this.rechecksAll ? -1 : at + FOLIO + this.length + which;
  }

  private placeOf(folio: RecordBits): number {
    if (folio.$length > this.length) {
      this.makeRoomFor(folio);
    }
    const { entries } = this;
    const at = (folio.$hash() >>> (32 - SLOT_BITS)) * this.size;
    if (entries[at + KIND] !== folio.$kind || !folio.$equals(entries, at + FOLIO)) {
      entries[at + KIND] = folio.$kind;
      entries[at + VALID] = 0;
      folio.$save(entries, at + FOLIO);
    }
    return at;
  }

  private makeRoomFor({ $length }: RecordBits): void {
    this.length = $length;
    this.size = 16 * Math.ceil((FOLIO + $length + this.count) / 16);
    this.entries = new Int32Array(this.size << SLOT_BITS);
  }

  /** Returns the result cached at a position. */
  get(at: number): number {
    return this.entries[at] as number;
  }

  /**
   * Caches the result of the last find(). No other find() may come between the two.
   *
   * @throws MachineError (`not-deterministic`) if another result is cached
   */
  put(result: number): void {
    const { entries, place, which } = this;
    if (place < 0) {
      return;
    }
    const valid = entries[place + VALID] as number;
    const at = place + FOLIO + this.length + which;
    if (((valid >>> which) & 1) === 1 && entries[at] !== result) {
      throw new MachineError(
        "not-deterministic",
        `two calls of ${this.nameOf(which)} with the same folio return different results`,
      );
    }
    entries[at] = result;
    entries[place + VALID] = valid | (1 << which);
  }
}
