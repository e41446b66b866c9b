/** What calls of C code raised, with the words for the first of it: the call that comes next overwrites what they are made of. */
import { Warnings } from "../model/kernel/warnings.ts";
import { CODES, EffectCode } from "./call-effects.ts";

/** The warnings of a kernel that runs C code. */
export class Raised {
  readonly warnings: Warnings = new Warnings();
  /** What was raised first, in words. */
  told = "";
  /** How often something was raised, be it that somebody accepts it. */
  times = 0;

  constructor() {
    this.warnings.asked = new Float64Array(CODES);
  }

  /** Raises a warning, unless the step has one already. */
  raise(code: number, text: string): void {
    this.times += 1;
    if (this.warnings.first === 0) {
      this.warnings.first = code;
      this.told = text;
    }
  }

  /** Raises that the C code left what no execution of a right kernel leaves. */
  raiseImpossible(what: string): void {
    this.raise(EffectCode.outOfRange, `it leaves what cannot be: ${what}`);
  }

  /**
   * Asks a claim about a call, as Warnings.assert() does.
   *
   * @param tell what to say of it when it does not hold
   */
  assert(code: number, holds: boolean, tell: () => readonly string[]): void {
    if (!holds && this.warnings.first === 0) {
      this.told = tell().join("; ");
    }
    this.warnings.assert(code, holds);
  }

  /** Runs something that may raise what it likes: nobody will hear of it. */
  unheard(run: () => void): void {
    const { told } = this;
    const { first } = this.warnings;
    this.warnings.first = 0;
    run();
    this.warnings.first = first;
    this.told = told;
  }
}
