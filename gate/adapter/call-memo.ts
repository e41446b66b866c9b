/**
 * Calls of C code that were made before. What a function does to a folio depends on that folio and on its arguments alone,
 * and folios are alike in many states that differ elsewhere: what a call did is kept, and taken over the next time.
 *
 * That it depends on nothing else is not taken on trust: now and then a call that is kept is made again, and has to do the same.
 *
 * A direct-mapped cache: a call has one place, and takes it from the call that was there. Calls are compared in full.
 */
import { MachineError } from "../../explore/model/errors.ts";
import { FACTOR } from "../../explore/packed/hash.ts";
import { hasBits, type RecordBits } from "../../explore/packed/packed.ts";
import { CODES } from "./warning-codes.ts";

/** Bits of the number of a place: with folios of up to two words, and entries of half a cache line, all are 4 MiB. */
const PLACE_BITS = 17;

/** Of so many calls that are kept, one is made again. A power of two. */
const MADE_AGAIN = 64;

/** Bits of an argument of a call that is kept. */
const ARGUMENT_BITS = 7;
const ARGUMENTS = 1 << ARGUMENT_BITS;

/** Words of an entry: function and kind of folio, arguments; what came of it; then the folio before, and the folio after. */
const CALL = 0;
const GIVEN = 1;
const RESULT = 2;
const CHANGES = 3;
const FOLIO = 4;

/** The calls. Of folios that are no packed records nothing is kept. */
export class CallMemo {
  private readonly nameOf: (code: number) => string;
  /** Words of the longest folio so far, and of an entry. */
  private length = 0;
  private size = 0;
  private entries: Int32Array = new Int32Array(0);
  /** The call that is being made, as an entry; and the word where it will be kept, if it is. */
  private made: Int32Array = new Int32Array(0);
  private place = -1;
  private found = 0;
  /** While it is set, every call has to be made; one that is kept has to do the same. */
  makesAll = false;

  /** @param nameOf the function with a code, for a person */
  constructor(nameOf: (code: number) => string) {
    this.nameOf = nameOf;
  }

  /**
   * Looks for a call. One with an argument beyond 0 … 127 is never kept.
   *
   * @returns where it is kept, until the next keep(); negative when it has to be made
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
    const given = a | (b << ARGUMENT_BITS) | (c << (2 * ARGUMENT_BITS)) | (d << (3 * ARGUMENT_BITS));
    const hash = Math.imul(folio.$hash() ^ Math.imul(given ^ (code << 24), FACTOR), FACTOR);
    const at = (hash >>> (32 - PLACE_BITS)) * this.size;
    if (entries[at] === call && entries[at + GIVEN] === given && folio.$equals(entries, at + FOLIO)) {
      this.found += 1;
      if (this.found % MADE_AGAIN !== 0 && !this.makesAll) {
        return at;
      }
    }
    this.place = at;
    this.made[CALL] = call;
    this.made[GIVEN] = given;
    folio.$save(this.made, FOLIO);
    return -1;
  }

  /** As if a call had been looked for that is not kept, and will not be. */
  findNothing(): number {
    this.place = -1;
    return -1;
  }

  /** Whether the call that was looked for last may be kept. */
  get isLooking(): boolean {
    return this.place >= 0;
  }

  /** Makes of the folio what it was when the call was looked for. */
  undo(folio: object): void {
    if (hasBits(folio)) {
      folio.$restore(this.made, FOLIO);
    }
  }

  private makeRoomFor({ $length }: RecordBits): void {
    this.length = $length;
    this.size = 8 * Math.ceil((FOLIO + 2 * $length) / 8);
    this.entries = new Int32Array(this.size << PLACE_BITS);
    this.made = new Int32Array(this.size);
  }

  /** What the call that is kept there returned. */
  result(at: number): number {
    return this.entries[at + RESULT] as number;
  }

  /** By how much it changed a statistic, 0 … 3. */
  change(at: number, statistic: number): number {
    return ((this.entries[at + CHANGES] as number) << (24 - 8 * statistic)) >> 24;
  }

  /** Makes of the folio what the call that is kept there made of it. */
  restore(at: number, folio: object): void {
    if (hasBits(folio)) {
      folio.$restore(this.entries, at + FOLIO + folio.$length);
    }
  }

  /**
   * Keeps the call that was looked for last, and had to be made.
   *
   * @param folio as it is after the call
   * @param result what it returned
   * @param changes by how much it changed four statistics, from `first` on; beyond −128 … 127 the call is not kept
   * @throws MachineError (`not-deterministic`) when it did something else before
   */
  keep(folio: object, result: number, changes: Int32Array = UNCHANGED, first = 0): void {
    const { entries, made, place } = this;
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
    made[RESULT] = result;
    made[CHANGES] = packed;
    folio.$save(made, after);
    if (this.differs(CALL, RESULT) || this.differs(FOLIO, after)) {
      entries.set(made, place);
    } else if (this.differs(RESULT, FOLIO) || this.differs(after, after + folio.$length)) {
      throw new MachineError(
        "not-deterministic",
        `${this.nameOf((made[CALL] as number) % CODES)}, called twice with the same folio and the same arguments, did not do the same`,
      );
    }
  }

  /** Whether what is kept is not what was made, in these words. */
  private differs(from: number, to: number): boolean {
    for (let i = from; i < to; i++) {
      if (this.entries[this.place + i] !== this.made[i]) {
        return true;
      }
    }
    return false;
  }
}

/** Of four statistics. */
const UNCHANGED = new Int32Array(4);
