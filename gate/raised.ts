/** What calls of C code raised, with the words for the first of it: the call that comes next overwrites what they are made of. */
import { Warnings } from "../model/kernel/warnings.ts";
import { CODES, EffectCode } from "./call-effects.ts";

/** The warnings of a kernel that runs C code. */
export class Raised {
  readonly warnings: Warnings = new Warnings();
  /** What was raised first, in words. */
  told = "";

  constructor() {
    this.warnings.asked = new Float64Array(CODES);
  }

  /** Raises a warning, unless the step has one already. */
  raise(code: number, text: string): void {
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

  /** Runs something of which nothing is raised that lasts. */
  withoutTrace(run: () => void): void {
    const { told } = this;
    const { first } = this.warnings;
    this.warnings.first = 0;
    run();
    this.warnings.first = first;
    this.told = told;
  }
}
