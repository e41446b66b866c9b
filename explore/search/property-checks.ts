/** Evaluates the properties of a machine on states and steps, and records violations and witnesses. */
import type { Discovery, Position } from "../checkpoint/position.ts";
import { isWitness, type Machine } from "../model/machine.ts";
import { PremiseCounts } from "../model/premises.ts";
import type { PropertyOutcome } from "./search-result.ts";

/** Maximum number of properties with watched bits; further ones are treated as reading any bits. */
const MOST_WATCHED = 31;

/** Represents a deadlock in place of the index of a property. */
export const DEADLOCK = -1;

/** The properties of a machine during one search. */
export class PropertyChecks {
  readonly violations: Discovery[] = [];
  readonly witnesses: Discovery[] = [];
  readonly premises: PremiseCounts;
  /** For each property, the number of evaluations with a true premise, on states or steps. */
  readonly checked: Float64Array;
  /** The bits read by properties that declare them. */
  readonly watched: readonly Int32Array[];
  /** The state whose properties are being evaluated. */
  checking: number | undefined;
  private readonly machine: Machine;
  private readonly allViolations: boolean;
  private readonly ofStates: number[] = [];
  private readonly ofSteps: number[] = [];
  /** The distinct premises of properties. */
  private readonly premisesOfStates: readonly (() => boolean)[];
  /** For each property the index of its premise in `premisesOfStates`; -1 for none. */
  private readonly premiseOf: Int32Array;
  /** For each premise its value in the current state: 0 not evaluated, 1 false, 2 true. */
  private readonly premiseValues: Uint8Array;
  /** For each property its bit of `changed`; 0 for none. */
  private readonly watchedBy: Int32Array;
  /** Number of decided properties that are no longer evaluated. */
  private dropped = 0;

  /** @param allViolations whether the search continues after a violation */
  constructor(machine: Machine, allViolations: boolean) {
    const { properties } = machine;
    this.machine = machine;
    this.allViolations = allViolations;
    this.checked = new Float64Array(properties.length);
    this.premises = new PremiseCounts(machine.warnings);
    properties.forEach(({ kind }, index) => {
      if (kind === "always" || kind === "sometimes") {
        this.ofStates.push(index);
      } else if (kind === "always-step" || kind === "sometimes-step") {
        this.ofSteps.push(index);
      }
    });
    this.premisesOfStates = [...new Set(properties.flatMap(({ premise }) => premise ?? []))];
    this.premiseOf = Int32Array.from(properties, ({ premise }) =>
      premise === undefined ? -1 : this.premisesOfStates.indexOf(premise),
    );
    this.premiseValues = new Uint8Array(this.premisesOfStates.length);
    const reads = properties.map((property) => property.reads);
    this.watched = reads.filter((bits) => bits !== undefined).slice(0, MOST_WATCHED);
    this.watchedBy = Int32Array.from(reads, (bits) => {
      const index = bits === undefined ? -1 : this.watched.indexOf(bits);
      return index < 0 ? 0 : 1 << index;
    });
  }

  /** Whether a violation has ended the search. */
  get isOver(): boolean {
    return !this.allViolations && this.violations.length > 0;
  }

  /** Whether properties of steps are still undecided. */
  get checksSteps(): boolean {
    return this.ofSteps.length > 0;
  }

  /** Records a violation; in a search for all violations only the first one of each property, which is a shortest. */
  violate(discovery: Discovery): void {
    if (!this.allViolations || !this.violations.some(({ property }) => property === discovery.property)) {
      this.violations.push(discovery);
    }
  }

  /** Checks the current state. @param changed as in Batch, compared with a state whose properties were checked */
  checkState(state: number, changed: number = -1): void {
    const { machine, ofStates, premiseOf, premiseValues, watchedBy, checked } = this;
    this.checking = state;
    machine.refresh();
    for (let i = 0; i < premiseValues.length; i++) {
      premiseValues[i] = 0;
    }
    for (let p = 0; p < ofStates.length; p++) {
      const property = ofStates[p] as number;
      const watched = watchedBy[property] as number;
      if (watched !== 0 && (watched & changed) === 0) {
        // It held in the preceding state (otherwise it would be decided), and reads no bit that has changed.
        checked[property] = (checked[property] as number) + 1;
        continue;
      }
      const premise = premiseOf[property] as number;
      if (premise < 0 || this.isTrue(premise)) {
        this.check(property, state, -1, -1);
      }
    }
    this.dropDecided(ofStates);
    this.checking = undefined;
    // Properties may call functions that warn; only warnings of actions count.
    machine.warnings.first = 0;
  }

  /**
   * Checks a step.
   *
   * @param state index of the state before it
   * @returns whether the last property of steps was decided by it
   */
  checkStep(state: number, action: number, instance: number): boolean {
    const { machine, ofSteps } = this;
    for (let p = 0; p < ofSteps.length; p++) {
      this.check(ofSteps[p] as number, state, action, instance);
    }
    const isLast = this.dropDecided(ofSteps) && ofSteps.length === 0;
    machine.warnings.first = 0;
    return isLast;
  }

  /** Continues from a checkpoint. */
  restore({ checked, evaluations, witnesses, violations }: Position): void {
    this.checked.set(checked);
    this.premises.restore(evaluations);
    this.adopt(witnesses, violations);
  }

  /** Replaces all violations and witnesses. Their properties are no longer evaluated. */
  adopt(witnesses: readonly Discovery[], violations: readonly Discovery[]): void {
    this.witnesses.splice(0, this.witnesses.length, ...witnesses);
    this.violations.splice(0, this.violations.length, ...violations);
    for (const indices of [this.ofStates, this.ofSteps]) {
      this.dropped = 0;
      this.dropDecided(indices);
    }
  }

  /** Whether a property of states or steps has a violation or witness, and is no longer evaluated. */
  isDecided(property: number): boolean {
    return !(this.ofStates.includes(property) || this.ofSteps.includes(property));
  }

  /**
   * The outcome of a property.
   *
   * @param isComplete whether every state was visited
   * @param transitions number of all transitions
   */
  outcome(index: number, isComplete: boolean, transitions: number): PropertyOutcome {
    const { id, kind, counted } = this.machine.properties[index] as Machine["properties"][number];
    const raised = counted === undefined ? transitions : this.premises.totalOf(counted);
    const checked = kind === "warning" ? raised : (this.checked[index] as number);
    const isAmong = (discoveries: readonly Discovery[]): boolean =>
      discoveries.some(({ property }) => property === index);
    if (isWitness(kind)) {
      const verdict = isAmong(this.witnesses) ? "reached" : isComplete ? "unreached" : "incomplete";
      return { id, kind, verdict, checked, vacuous: false };
    }
    // Only the first warning of a step is recorded: it may mask others.
    const isDecided =
      isComplete && !(kind === "warning" && this.violations.some(({ warning }) => warning !== undefined));
    const verdict = isAmong(this.violations) ? "violated" : isDecided ? "holds" : "incomplete";
    return { id, kind, verdict, checked, vacuous: verdict === "holds" && checked === 0 };
  }

  /** Whether a premise is true in the current state. */
  private isTrue(premise: number): boolean {
    const { premiseValues } = this;
    if (premiseValues[premise] === 0) {
      premiseValues[premise] = (this.premisesOfStates[premise] as () => boolean)() ? 2 : 1;
    }
    return premiseValues[premise] === 2;
  }

  private check(index: number, state: number, action: number, instance: number): void {
    const property = this.machine.properties[index] as Machine["properties"][number];
    const value = property.evaluate();
    if (value === undefined) {
      return;
    }
    this.checked[index] = (this.checked[index] as number) + 1;
    const witness = isWitness(property.kind);
    if (value === witness) {
      const discovery = { property: index, state, ...(action < 0 ? {} : { step: { action, instance } }) };
      if (witness) {
        this.witnesses.push(discovery);
      } else {
        this.violate(discovery);
      }
    }
  }

  /**
   * Removes decided properties from a list: each is evaluated until its first witness or violation.
   *
   * @returns whether one was decided since the last call
   */
  private dropDecided(indices: number[]): boolean {
    const decided = this.witnesses.length + this.violations.length;
    if (decided === this.dropped) {
      return false;
    }
    this.dropped = decided;
    for (const { property } of [...this.witnesses, ...this.violations]) {
      const at = indices.indexOf(property);
      if (at >= 0) {
        indices.splice(at, 1);
      }
    }
    return true;
  }
}
