/**
 * Fixed calls: what each CPU executes, from a start that one CPU executes before. Whole calls, one after the other, are
 * executed on a machine with one CPU.
 */
import type { ActionCall, Parameters } from "../../explore/model/action-call.ts";
import { formatCall } from "../../explore/model/action-call.ts";
import { type Interpreter, interpret } from "../../explore/model/interpreter.ts";
import { at } from "../../explore/model/schema.ts";
import { ALL_REDUCTIONS, isAtRest, type OperationCall, type RaceState } from "../../races/race-model.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { silentWarnings } from "../kernel/warnings.ts";
import { raceMachine } from "./race.ts";
import type { RaceBounds, RaceWorld } from "./race-world.ts";

/** Calls of each CPU, and those before them. */
export interface RaceCalls {
  /** One after the other, before the CPUs begin. */
  readonly start: readonly OperationCall[];
  /** For each CPU, in its order. */
  readonly cpus: readonly (readonly OperationCall[])[];
}

/** An operation as it is called. */
export interface OperationSignature {
  readonly name: string;
  /** Names of its parameters, in their order. */
  readonly parameters: readonly string[];
  readonly choices: readonly Parameters[];
}

/** A call as traces have it. */
export function formatOperation({ operation, parameters }: OperationCall): string {
  return formatCall({ action: operation, parameters });
}

/** Thrown for a call of a start that cannot start where it stands. */
class CannotStart extends Error {}

type State = RaceState<RaceWorld>;

/** Executes whole calls. Warnings are none. */
export class WholeCalls {
  /** One MM lives. */
  readonly initial: State;
  readonly signatures: readonly OperationSignature[];
  private readonly interpreter: Interpreter<State>;

  constructor(bounds: RaceBounds, kernel: Kernel) {
    const choices = { memoryModel: "sc", reductions: ALL_REDUCTIONS } as const;
    const model = raceMachine("race", { ...bounds, cpus: 1 }, kernel, choices, [], silentWarnings());
    this.interpreter = interpret(model) as unknown as Interpreter<State>;
    this.initial = at(this.interpreter.initialStates, 0);
    this.signatures = model.actions
      .filter(({ name }) => name !== STEP)
      .map(({ name, choices: all }) => ({
        name,
        parameters: Object.keys(all[0] ?? {}).filter((each) => each !== "cpu"),
        choices: all,
      }));
  }

  /** The state after a call; undefined when it cannot start, or waits for ever. */
  after(state: State, { operation, parameters }: OperationCall): State | undefined {
    const begun = this.interpreter.attempt(state, { action: operation, parameters: { cpu: 0, ...parameters } });
    if (!begun.enabled) {
      return undefined;
    }
    let now = begun.state;
    while (!isAtRest(now)) {
      const next = this.interpreter.attempt(now, NEXT);
      if (!next.enabled) {
        return undefined;
      }
      now = next.state;
    }
    return now;
  }

  /** The state after the calls of a start. @throws CannotStart for one that cannot */
  afterAll(calls: readonly OperationCall[]): State {
    return calls.reduce((state, call, i) => {
      const next = this.after(state, call);
      if (next === undefined) {
        const before = i === 0 ? "in the initial state" : `after ${formatOperation(calls[i - 1] as OperationCall)}`;
        throw new CannotStart(`${formatOperation(call)} cannot start ${before}`);
      }
      return next;
    }, this.initial);
  }

  /** Why CPUs cannot execute calls, as a main clause; undefined when they can. */
  conflict({ start, cpus }: RaceCalls): string | undefined {
    const unknown = [start, ...cpus].flat().find((call) => !this.isKnown(call));
    if (unknown !== undefined) {
      return `${formatOperation(unknown)} is no call within these bounds`;
    }
    try {
      this.afterAll(start);
      return undefined;
    } catch (error) {
      if (error instanceof CannotStart) {
        return error.message;
      }
      throw error;
    }
  }

  private isKnown({ operation, parameters }: OperationCall): boolean {
    const signature = this.signatures.find(({ name }) => name === operation);
    const given = Object.entries(parameters);
    return (
      signature !== undefined &&
      given.length === signature.parameters.length &&
      signature.choices.some((choice) => given.every(([name, value]) => choice[name] === value))
    );
  }

  /** The states between whole calls, in every order that keeps the order of each CPU. They are found as they are asked for. */
  *states({ start, cpus }: RaceCalls): Generator<State> {
    const met = new Set<string>();
    const ahead: [state: State, begun: readonly number[]][] = [[this.afterAll(start), cpus.map(() => 0)]];
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      const [state, begun] = next;
      const key = JSON.stringify(next);
      if (met.has(key)) {
        continue;
      }
      met.add(key);
      yield state;
      for (const [cpu, calls] of cpus.entries()) {
        const call = calls[begun[cpu] ?? 0];
        const after = call === undefined ? undefined : this.after(state, call);
        if (after !== undefined) {
          ahead.push([after, begun.map((count, c) => (c === cpu ? count + 1 : count))]);
        }
      }
    }
  }
}

const STEP = "step";
const NEXT: ActionCall = { action: STEP, parameters: { cpu: 0 } };
