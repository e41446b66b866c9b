/** Faults raised by C calls. The first is described at once: the next call overwrites the exchange buffer. */
import { Warnings } from "../../model/kernel/warnings.ts";
import type { CallFault, ImpossibleValue } from "./call-fault.ts";
import { CODES, EffectCode } from "./warning-codes.ts";

/** The warnings of a kernel that runs C code. */
export class Raised {
  readonly warnings: Warnings = new Warnings();
  /** The faults of the call that raised the first warning. */
  faults: readonly CallFault[] = [];
  /** Number of faults raised, including those that were not recorded. */
  times = 0;

  constructor() {
    this.warnings.evaluations = new Float64Array(CODES);
  }

  /** Raises a warning, unless the step already has one. */
  raise(code: number, fault: CallFault): void {
    this.times += 1;
    if (this.warnings.first === 0) {
      // Setting the code compares the faults with known violations: they come first.
      this.faults = [fault];
      this.warnings.first = code;
    }
  }

  /** Raises the fault that the C code left values that no execution of a correct kernel leaves. */
  raiseImpossible(...values: readonly ImpossibleValue[]): void {
    this.raise(EffectCode.outOfRange, { kind: "impossible", values });
  }

  /**
   * Asserts a claim about a call, as Warnings.assert() does.
   *
   * @param describe returns the faults of the call; called if the claim does not hold
   */
  assert(code: number, holds: boolean, describe: () => readonly CallFault[]): void {
    if (!holds && this.warnings.first === 0) {
      this.faults = describe();
    }
    this.warnings.assert(code, holds);
  }

  /** Runs `run` and discards its warnings. */
  discardingWarnings(run: () => void): void {
    const { faults } = this;
    const { first } = this.warnings;
    this.warnings.first = 0;
    run();
    this.warnings.first = first;
    this.faults = faults;
  }
}
