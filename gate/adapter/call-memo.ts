/**
 * Cache of calls of C code. The effect of a function on a folio depends only on that folio and on the arguments, and
 * many states that differ elsewhere contain the same folio: the effect of a call is cached and reused.
 *
 * This assumption is checked: one in RECHECK_INTERVAL cached calls is executed again, and must have the same effect.
 *
 * The cache is direct-mapped: each call has one slot and evicts the call that was in it. Calls are compared in full,
 * not by hash.
 */
import { MachineError } from "../../explore/model/errors.ts";
import { FACTOR } from "../../explore/packed/hash.ts";
import { hasBits, type RecordBits } from "../../explore/packed/packed.ts";
import { CODES } from "./warning-codes.ts";

/** Bits of a slot number: with folios of up to two words, an entry is half a cache line and the cache is 4 MiB. */
const SLOT_BITS = 17;

/** One of this many cached calls is executed again. A power of two. */
const RECHECK_INTERVAL = 64;

/** Bits of an argument of a cached call. */
const ARGUMENT_BITS = 7;
const ARGUMENTS = 1 << ARGUMENT_BITS;

/**
 * Words of an entry: function and kind of folio, arguments, result, statistics; then the folio before and after the
 * call.
 */
const CALL = 0;
const ARGS = 1;
const RESULT = 2;
const CHANGES = 3;
const FOLIO = 4;

/** The cache. Folios that are no packed records are not cached. */
export class CallMemo {
  private readonly nameOf: (code: number) => string;
  /** Length of the longest folio so far, and of an entry, in 32-bit words. */
  private length = 0;
  private size = 0;
  private entries: Int32Array = new Int32Array(0);
  /** The call in progress, as an entry; and the position where it will be cached, or -1. */
  private pending: Int32Array = new Int32Array(0);
  private place = -1;
  private hits = 0;
  /** While true, every call is executed, and a cached one must have the same effect. */
  rechecksAll = false;

  /** @param nameOf the name of the function with a code, for messages */
  constructor(nameOf: (code: number) => string) {
    this.nameOf = nameOf;
  }

  /**
   * Looks up a call. A call with an argument outside of 0 … 127 is never cached.
   *
   * @returns position of the cached call, valid until the next put(); negative if the call must be executed
   */
  find(folio: object, code: number, a = 0, b = 0, c = 0, d = 0): number {
    this.place = -1;
    if (!hasBits(folio) || ((a | b | c | d) & -ARGUMENTS) !== 0) {
      return -1;
    }
    if (folio.$length > this.length) {
      this.makeRoomFor(folio);
    }
    const { entries } = this;
    const call = code + CODES * folio.$kind;
    const args = a | (b << ARGUMENT_BITS) | (c << (2 * ARGUMENT_BITS)) | (d << (3 * ARGUMENT_BITS));
    const hash = Math.imul(folio.$hash() ^ Math.imul(args ^ (code << 24), FACTOR), FACTOR);
    const at = (hash >>> (32 - SLOT_BITS)) * this.size;
    if (entries[at] === call && entries[at + ARGS] === args && folio.$equals(entries, at + FOLIO)) {
      this.hits += 1;
      if (this.hits % RECHECK_INTERVAL !== 0 && !this.rechecksAll) {
        return at;
      }
    }
    this.place = at;
    this.pending[CALL] = call;
    this.pending[ARGS] = args;
    folio.$save(this.pending, FOLIO);
    return -1;
  }

  /** Behaves as find() for a call that is not cached and will not be. */
  skip(): number {
    this.place = -1;
    return -1;
  }

  /** Whether the last call looked up can be cached. */
  get isCacheable(): boolean {
    return this.place >= 0;
  }

  /** Restores the folio to its value at the last find(). */
  undo(folio: object): void {
    if (hasBits(folio)) {
      folio.$restore(this.pending, FOLIO);
    }
  }

  private makeRoomFor({ $length }: RecordBits): void {
    this.length = $length;
    this.size = 8 * Math.ceil((FOLIO + 2 * $length) / 8);
    this.entries = new Int32Array(this.size << SLOT_BITS);
    this.pending = new Int32Array(this.size);
  }

  /** Returns the result of the call cached at `at`. */
  result(at: number): number {
    return this.entries[at + RESULT] as number;
  }

  /** Returns the change of statistic 0 … 3 by the call cached at `at`. */
  change(at: number, statistic: number): number {
    return ((this.entries[at + CHANGES] as number) << (24 - 8 * statistic)) >> 24;
  }

  /** Applies the effect of the call cached at `at` to the folio. */
  restore(at: number, folio: object): void {
    if (hasBits(folio)) {
      folio.$restore(this.entries, at + FOLIO + folio.$length);
    }
  }

  /**
   * Caches the call of the last find(), after its execution.
   *
   * @param folio the folio after the call
   * @param result the returned value
   * @param changes the changes of four statistics, from position `first`; outside of −128 … 127 the call is not cached
   * @throws MachineError (`not-deterministic`) if the cached call had another effect
   */
  put(folio: object, result: number, changes: Int32Array = UNCHANGED, first = 0): void {
    const { entries, pending, place } = this;
    if (place < 0 || !hasBits(folio)) {
      return;
    }
    let packed = 0;
    for (let i = 3; i >= 0; i--) {
      const change = changes[first + i] as number;
      if (change < -128 || change > 127) {
        return;
      }
      packed = (packed << 8) | (change & 0xff);
    }
    const after = FOLIO + folio.$length;
    pending[RESULT] = result;
    pending[CHANGES] = packed;
    folio.$save(pending, after);
    if (this.differs(CALL, RESULT) || this.differs(FOLIO, after)) {
      entries.set(pending, place);
    } else if (this.differs(RESULT, FOLIO) || this.differs(after, after + folio.$length)) {
      throw new MachineError(
        "not-deterministic",
        `two calls of ${this.nameOf((pending[CALL] as number) % CODES)} with the same folio and arguments have different effects`,
      );
    }
  }

  /** Whether the cached call and the call in progress differ in the words `from` … `to` - 1. */
  private differs(from: number, to: number): boolean {
    for (let i = from; i < to; i++) {
      if (this.entries[this.place + i] !== this.pending[i]) {
        return true;
      }
    }
    return false;
  }
}

/** No change of the four statistics. */
const UNCHANGED = new Int32Array(4);
