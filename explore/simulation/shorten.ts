/** Shortens executions of random walks. */

import type { PathStep } from "../checkpoint/position.ts";
import { isOutOfRange, type MachineError, notDeterministic } from "../model/errors.ts";
import { isWitness, type Machine } from "../model/machine.ts";
import type { Finding, Path } from "../search/search-result.ts";
import { shrinking } from "./delta-debugging.ts";

/** A decided property, or a deadlock (−1), and the warning that decided it, if any. */
type Decision = Pick<Finding, "property"> & { readonly warning: number | undefined };

/**
 * An execution that decides the same property, and does not without any single one of its steps. It need not be a
 * shortest one. Overwrites the machine's states.
 *
 * @throws MachineError (`not-deterministic`) if the execution does not decide the property when it is repeated
 */
export function shortened(machine: Machine, decision: Decision, { initial, steps }: Path): Path {
  const execution = new Execution(machine, initial);
  const end = execution.decidedAfter(steps, decision);
  if (end === undefined) {
    throw notRepeatable(machine);
  }
  const tries = shrinking(execution.withoutCycles(steps.slice(0, end)));
  let next = tries.next();
  while (next.done !== true) {
    next = tries.next(execution.decidedAfter(next.value, decision) !== undefined);
  }
  machine.warnings.first = 0;
  return { initial, steps: next.value };
}

/** Whether an execution can be repeated and ends in `state`. Leaves its last state in the machine. */
export function leadsTo(machine: Machine, { initial, steps }: Path, state: Int32Array): boolean {
  const isExecutable = new Execution(machine, initial).isExecutable(steps);
  machine.warnings.first = 0;
  return isExecutable && state.every((word, i) => machine.memory[i] === word);
}

/** The error of a machine whose execution differs when it is repeated. */
export function notRepeatable({ name }: Machine): MachineError {
  return notDeterministic(
    `machine ${name}: an execution ends differently when it is repeated`,
    "recipes and properties must depend on nothing but the state, the context and their parameters (no clock, no random, " +
      "no memory)",
  );
}

/** Executes steps from one initial state. */
class Execution {
  private readonly machine: Machine;
  private readonly initial: number;

  constructor(machine: Machine, initial: number) {
    this.machine = machine;
    this.initial = initial;
  }

  /** Whether all steps are enabled. */
  isExecutable(steps: readonly PathStep[]): boolean {
    this.machine.loadInitial(this.initial);
    return steps.every((step) => this.take(step));
  }

  /** Number of steps after which the property is first decided; undefined if it is not, or if a step is not enabled. */
  decidedAfter(steps: readonly PathStep[], decision: Decision): number | undefined {
    const { machine } = this;
    const kind = machine.properties[decision.property]?.kind;
    machine.loadInitial(this.initial);
    if ((kind === "always" || kind === "sometimes") && this.isDecided(decision)) {
      return 0;
    }
    for (const [index, step] of steps.entries()) {
      if (!this.take(step)) {
        return undefined;
      }
      if (kind !== undefined && this.isDecided(decision)) {
        return index + 1;
      }
    }
    return kind === undefined && this.isDeadlock() ? steps.length : undefined;
  }

  /** Removes steps that lead from a state back to it. The last step remains. */
  withoutCycles(steps: readonly PathStep[]): PathStep[] {
    const { machine } = this;
    const { memory, words } = machine;
    const key = (): string => memory.subarray(0, words).join();
    machine.loadInitial(this.initial);
    const visited = [key()];
    const rest: PathStep[] = [];
    for (const step of steps.slice(0, -1)) {
      this.take(step);
      const now = key();
      const before = visited.indexOf(now);
      if (before < 0) {
        visited.push(now);
        rest.push(step);
      } else {
        visited.length = before + 1;
        rest.length = before;
      }
    }
    return [...rest, ...steps.slice(-1)];
  }

  /** @returns whether the step was enabled */
  private take({ action, instance }: PathStep): boolean {
    const { memory, words, actions, warnings } = this.machine;
    memory.copyWithin(words, 0, words);
    warnings.first = 0;
    try {
      return actions[action]?.apply(instance) === true;
    } catch (error) {
      if (isOutOfRange(error)) {
        return false;
      }
      throw error;
    }
  }

  /** Whether the current state, or the step to it, decides the property. */
  private isDecided({ property: index, warning }: Decision): boolean {
    const { machine } = this;
    const property = machine.properties[index] as Machine["properties"][number];
    if (warning !== undefined) {
      return machine.warnings.first === warning;
    }
    machine.refreshBefore();
    machine.refresh();
    return property.evaluate() === isWitness(property.kind);
  }

  private isDeadlock(): boolean {
    const { machine } = this;
    const isEnabled = machine.actions.some((table) =>
      Array.from({ length: table.instances }, (_, instance) => instance).some((instance) => table.apply(instance)),
    );
    machine.refresh();
    return !isEnabled && machine.mayEnd?.() === false;
  }
}
