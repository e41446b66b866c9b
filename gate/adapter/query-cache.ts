/**
 * What C code was heard to say of a folio: functions that only look are asked about the folios of every state, several times
 * and by several claims, and states have most of their folios in common. As with calls (call-memo.ts), now and then one is
 * asked again, and has to say the same.
 *
 * A direct-mapped cache with one place for all that is known of a folio, small enough to stay close to the processor.
 */
import { MachineError } from "../../explore/model/errors.ts";
import { hasBits, type RecordBits } from "../../explore/packed/packed.ts";

/** Bits of the number of a place. */
const PLACE_BITS = 12;

/** Of so many answers that are kept, one is asked for again. */
const ASKED_AGAIN = 64;

/** Words of an entry: the kind of folio, which answers are known, then the folio, then the answers. */
const KIND = 0;
const KNOWN = 1;
const FOLIO = 2;

/** The answers. Of folios that are no packed records nothing is kept. */
export class FolioAnswers {
  /** Answers of a folio. At most 32: for each a bit says whether it is known. */
  private readonly answers: number;
  /** Words of the longest folio so far, and of an entry. */
  private length = 0;
  private size = 0;
  private entries: Int32Array = new Int32Array(0);
  /** The answer that was looked for last, and is not known or asked for again; none when the place is negative. */
  private place = -1;
  private which = 0;
  private found = 0;
  /** While it is set, every answer has to be asked for; one that is kept has to be the same. */
  asksAll = false;

  private readonly nameOf: (which: number) => string;

  /** @param nameOf the function whose answer has a number, for a person */
  constructor(answers: number, nameOf: (which: number) => string) {
    this.answers = answers;
    this.nameOf = nameOf;
  }

  /**
   * Looks for an answer.
   *
   * @param which its number, from 0
   * @returns where it is kept; negative when it has to be asked for
   */
  find(folio: object, which: number): number {
    if (!hasBits(folio)) {
      this.place = -1;
      return -1;
    }
    const at = this.placeOf(folio);
    this.place = at;
    this.which = which;
    if ((((this.entries[at + KNOWN] as number) >>> which) & 1) === 0) {
      return -1;
    }
    this.found += 1;
    return this.found % ASKED_AGAIN === 0 || this.asksAll ? -1 : at + FOLIO + this.length + which;
  }

  private placeOf(folio: RecordBits): number {
    if (folio.$length > this.length) {
      this.makeRoomFor(folio);
    }
    const { entries } = this;
    const at = (folio.$hash() >>> (32 - PLACE_BITS)) * this.size;
    if (entries[at + KIND] !== folio.$kind || !folio.$equals(entries, at + FOLIO)) {
      entries[at + KIND] = folio.$kind;
      entries[at + KNOWN] = 0;
      folio.$save(entries, at + FOLIO);
    }
    return at;
  }

  private makeRoomFor({ $length }: RecordBits): void {
    this.length = $length;
    this.size = 16 * Math.ceil((FOLIO + $length + this.answers) / 16);
    this.entries = new Int32Array(this.size << PLACE_BITS);
  }

  /** The answer that is kept there. */
  said(at: number): number {
    return this.entries[at] as number;
  }

  /**
   * Keeps the answer that was looked for last: between find() and this, nothing else may be looked for.
   *
   * @throws MachineError (`not-deterministic`) when another one was kept
   */
  keep(answer: number): void {
    const { entries, place, which } = this;
    if (place < 0) {
      return;
    }
    const known = entries[place + KNOWN] as number;
    const at = place + FOLIO + this.length + which;
    if (((known >>> which) & 1) === 1 && entries[at] !== answer) {
      throw new MachineError(
        "not-deterministic",
        `${this.nameOf(which)}, asked twice about the same folio, did not say the same`,
      );
    }
    entries[at] = answer;
    entries[place + KNOWN] = known | (1 << which);
  }
}
