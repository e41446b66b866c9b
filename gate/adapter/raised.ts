/** Faults that calls of C code raise: the first is described at once, as the next call overwrites what describes it. */
import { Warnings } from "../../model/kernel/warnings.ts";
import type { CallFault, ImpossibleValue } from "./call-fault.ts";
import { CODES, EffectCode } from "./warning-codes.ts";

/** The warnings of a kernel that runs C code. */
export class Raised {
  readonly warnings: Warnings = new Warnings();
  /** The faults of the call that raised the first warning. */
  faults: readonly CallFault[] = [];
  /** Number of times that something was raised, accepted or not. */
  times = 0;

  constructor() {
    this.warnings.asked = new Float64Array(CODES);
  }

  /** Raises a warning, unless the step has one already. */
  raise(code: number, fault: CallFault): void {
    this.times += 1;
    if (this.warnings.first === 0) {
      // Known warnings are told apart by their faults when the code is set.
      this.faults = [fault];
      this.warnings.first = code;
    }
  }

  /** Raises that the C code left values that no execution of a right kernel leaves. */
  raiseImpossible(...values: readonly ImpossibleValue[]): void {
    this.raise(EffectCode.outOfRange, { kind: "impossible", values });
  }

  /**
   * Asserts a claim about a call, as Warnings.assert() does.
   *
   * @param describe the faults of the call, when it does not hold
   */
  assert(code: number, holds: boolean, describe: () => readonly CallFault[]): void {
    if (!holds && this.warnings.first === 0) {
      this.faults = describe();
    }
    this.warnings.assert(code, holds);
  }

  /** Runs `run` and discards what it raises. */
  discardingWarnings(run: () => void): void {
    const { faults } = this;
    const { first } = this.warnings;
    this.warnings.first = 0;
    run();
    this.warnings.first = first;
    this.faults = faults;
  }
}
