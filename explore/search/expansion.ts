/** Expands states: takes every enabled action and collects the successors. The inner loops allocate nothing. */
import type { LeftOut } from "../checkpoint/position.ts";
import { type ActionCall, formatCall } from "../model/action-call.ts";
import { inAction, isOutOfRange, MachineError } from "../model/errors.ts";
import type { ActionTable, Machine } from "../model/machine.ts";
import { type RecentStates, recentStates } from "../visited/recent-states.ts";
import type { VisitedStates } from "../visited/visited-states.ts";
import { DEADLOCK, type PropertyChecks } from "./property-checks.ts";
import { type Batch, type Hooks, type SuccessorLoop, successorLoop } from "./successors.ts";

/** Number of states that are expanded in one batch, if possible. A divisor of POLL_INTERVAL and LONG_SEARCH. */
export const GROUP = 16;

/** Loops of consecutive actions, starting with action `first`. */
interface Section {
  readonly first: number;
  readonly loops: SuccessorLoop[];
  /** Whether one of the actions may be enabled. Absent: always. */
  readonly mayAnyBeEnabled?: () => boolean;
}

/** Counts at one point of a search, to which it can return. */
export interface ExpansionMark {
  readonly transitions: number;
  readonly enabled: Float64Array;
}

/** The expansion of states during one search. */
export class Expansion {
  readonly batch: Batch;
  /** For each action, the number of steps in which it was enabled. */
  readonly enabled: Float64Array;
  transitions = 0;
  /** Omitted steps: they write a value outside a field's range, after a violation. */
  leftOut: LeftOut = { steps: 0 };
  private readonly machine: Machine;
  private readonly store: VisitedStates;
  private readonly checks: PropertyChecks;
  private readonly canonicalize: (() => void) | undefined;
  private readonly allViolations: boolean;
  /** The loops of all actions, grouped by runs of actions with a common condition. */
  private sections: readonly Section[];
  private recent: RecentStates;
  /** Index of the state that is being expanded. */
  private state = 0;

  constructor(
    machine: Machine,
    store: VisitedStates,
    checks: PropertyChecks,
    {
      canonicalize,
      allViolations,
    }: { readonly canonicalize: (() => void) | undefined; readonly allViolations: boolean },
  ) {
    const instances = machine.actions.reduce((sum, each) => sum + each.instances, 0);
    const most = Math.max(instances, 1) * GROUP;
    this.machine = machine;
    this.store = store;
    this.checks = checks;
    this.canonicalize = canonicalize;
    this.allViolations = allViolations;
    this.batch = {
      source: new Int32Array(machine.words),
      states: new Int32Array(most * machine.words),
      hashes: new Int32Array(most),
      via: new Int32Array(most),
      changed: new Int32Array(most),
      taken: 0,
    };
    this.enabled = new Float64Array(machine.actions.length);
    this.recent = recentStates(machine.words);
    this.sections = this.makeSections();
  }

  /** Generates new loops, so that V8 recompiles them: for a long search, or after properties of steps were decided. */
  renewLoops(): void {
    this.sections = this.makeSections();
  }

  /** Clears the cache of recent successors: they were not added to the visited states. */
  forgetRecent(): void {
    this.recent = recentStates(this.machine.words);
    this.renewLoops();
  }

  /** Loads a state and takes every action from it. @returns the number of successors in the batch */
  expand(state: number, before: number = 0): number {
    this.store.load(state, this.batch.source, 0);
    return this.takeAll(state, before);
  }

  /**
   * Takes every enabled action from the state in `batch.source` and collects the successors, except those in the cache
   * of recent ones.
   *
   * @param before the number of successors in the batch
   * @returns the number of successors in it afterwards
   */
  takeAll(state: number, before: number = 0): number {
    const { machine, batch, sections, enabled, checks } = this;
    const { memory, words } = machine;
    const { source } = batch;
    this.state = state;
    memory.set(source, 0);
    if (checks.checksSteps) {
      memory.set(source, words);
      machine.refreshBefore();
    }
    let total = before;
    let transitions = 0;
    const leftOutBefore = this.leftOut.steps;
    checks.premises.count();
    for (let s = 0; s < sections.length && !checks.isOver; s++) {
      const { first, loops, mayAnyBeEnabled } = sections[s] as Section;
      if (mayAnyBeEnabled !== undefined && !mayAnyBeEnabled()) {
        continue;
      }
      for (let i = 0; i < loops.length; i++) {
        total = (loops[i] as SuccessorLoop)(total);
        transitions += batch.taken;
        enabled[first + i] = (enabled[first + i] as number) + batch.taken;
        if (checks.isOver) {
          break;
        }
      }
    }
    checks.premises.ignore();
    this.transitions += transitions;
    if (machine.mayEnd !== undefined && transitions === 0 && this.leftOut.steps === leftOutBefore) {
      if (!this.mayEndHere(machine.mayEnd)) {
        checks.violate({ property: DEADLOCK, state });
      }
    }
    return total;
  }

  /**
   * Finds the first deadlock among states.
   *
   * @returns the first state without an enabled action that is no legal end; undefined if there is none
   */
  deadlockAmong(first: number, end: number, mayEnd: () => boolean): number | undefined {
    const { machine, store } = this;
    for (let state = first; state < end; state++) {
      store.load(state, machine.memory, 0);
      // some() ends at the first enabled action, which is the only one to change the state.
      const isEnabled = machine.actions.some((table) =>
        Array.from({ length: table.instances }, (_, i) => i).some((i) => table.apply(i)),
      );
      if (!isEnabled && !this.mayEndHere(mayEnd)) {
        return state;
      }
    }
    return undefined;
  }

  /** Records the counts in `mark`. */
  mark(enabled: Float64Array): ExpansionMark {
    enabled.set(this.enabled);
    this.checks.premises.mark();
    return { transitions: this.transitions, enabled };
  }

  /** Returns to the counts of the last mark. */
  goBack({ transitions, enabled }: ExpansionMark): void {
    this.transitions = transitions;
    this.enabled.set(enabled);
    this.checks.premises.goBack();
  }

  private makeSections(): Section[] {
    const { machine, batch, recent, checks } = this;
    const sections: Section[] = [];
    machine.actions.forEach((table, action) => {
      const loop = successorLoop(machine, table, action, batch, recent, this.hooksFor(table, action), checks.watched);
      const condition = table.groups?.mayAnyBeEnabled;
      const last = sections.at(-1);
      if (last !== undefined && last.mayAnyBeEnabled === condition) {
        last.loops.push(loop);
      } else {
        sections.push({
          first: action,
          loops: [loop],
          ...(condition === undefined ? {} : { mayAnyBeEnabled: condition }),
        });
      }
    });
    return sections;
  }

  private hooksFor(table: ActionTable, action: number): Hooks {
    const { machine, canonicalize, checks } = this;
    return {
      disabledButChanged: (instance) => this.failDisabledButChanged(table.call(instance)),
      warned: (instance) => {
        const warning = machine.warnings.first;
        const property = machine.propertyOfWarning(warning);
        checks.violate({ property, warning, state: this.state, step: { action, instance } });
        machine.warnings.first = 0;
        return checks.isOver;
      },
      ...(checks.checksSteps && {
        stepped: (instance) => {
          checks.premises.ignore();
          machine.refresh();
          try {
            if (checks.checkStep(this.state, action, instance)) {
              // Loops without this call are faster.
              this.renewLoops();
            }
          } catch (error) {
            throw inAction(error, table.call(instance));
          }
          checks.premises.count();
          return checks.isOver;
        },
      }),
      ...(canonicalize !== undefined && machine.canonicalizeInSteps === undefined && { canonicalize }),
      ...(this.allViolations && { failed: (error) => this.leaveOut(error) }),
    };
  }

  /** Omits the step that threw. @throws the error, unless it is a value outside a field's range after a violation */
  private leaveOut(error: unknown): void {
    // After a violation the machine may leave the field ranges that its author expected.
    if (!isOutOfRange(error) || this.checks.violations.length === 0) {
      throw error;
    }
    this.leftOut = { why: error.message, ...this.leftOut, steps: this.leftOut.steps + 1 };
  }

  private failDisabledButChanged(action: ActionCall): never {
    const field = this.machine.firstDifference(this.batch.source);
    throw new MachineError(
      "disabled-but-changed",
      `action ${formatCall(action)} changed field ${field} and then returned false; decide before changing anything`,
      { action, field },
    );
  }

  /** Whether the current state, which has no enabled action, is a legal end. */
  private mayEndHere(mayEnd: () => boolean): boolean {
    this.machine.refresh();
    const isLegal = mayEnd();
    this.machine.warnings.first = 0;
    return isLegal;
  }
}
