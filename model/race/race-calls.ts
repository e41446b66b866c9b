/**
 * Fixed calls: the calls of each CPU, after start calls that one CPU executes before. Sequential execution of whole
 * calls uses a machine with one CPU.
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

/** Fixed calls of each CPU, and start calls. */
export interface RaceCalls {
  /** Calls executed sequentially before the CPUs start. */
  readonly start: readonly OperationCall[];
  /** Calls of each CPU, in program order. */
  readonly cpus: readonly (readonly OperationCall[])[];
}

/** Signature of an operation. */
export interface OperationSignature {
  readonly name: string;
  /** Names of its parameters, in order. */
  readonly parameters: readonly string[];
  readonly choices: readonly Parameters[];
}

/** Formats a call as in traces. */
export function formatOperation({ operation, parameters }: OperationCall): string {
  return formatCall({ action: operation, parameters });
}

/** Thrown if a start call is not enabled at its position. */
class CannotStart extends Error {}

type State = RaceState<RaceWorld>;

/** Executes whole calls sequentially, without warnings. */
export class WholeCalls {
  /** Initial state: one MM exists. */
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

  /** Returns the state after a call; undefined if the call is not enabled, or waits forever. */
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

  /** Returns the state after the start calls. @throws CannotStart if one of them is not enabled */
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

  /** Returns the reason why the calls cannot be executed, as a main clause; undefined if they can. */
  conflict({ start, cpus }: RaceCalls): string | undefined {
    const unknownCall = [start, ...cpus].flat().find((call) => !this.isKnown(call));
    if (unknownCall !== undefined) {
      return `${formatOperation(unknownCall)} is no call within these bounds`;
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
    const parameterEntries = Object.entries(parameters);
    return (
      signature !== undefined &&
      parameterEntries.length === signature.parameters.length &&
      signature.choices.some((choice) => parameterEntries.every(([name, value]) => choice[name] === value))
    );
  }

  /** Generates the states between whole calls, in every interleaving of the CPUs' program orders. Lazy. */
  *states({ start, cpus }: RaceCalls): Generator<State> {
    const visited = new Set<string>();
    const stack: [state: State, begun: readonly number[]][] = [[this.afterAll(start), cpus.map(() => 0)]];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const [state, begun] = next;
      const key = JSON.stringify(next);
      if (visited.has(key)) {
        continue;
      }
      visited.add(key);
      yield state;
      for (const [cpu, calls] of cpus.entries()) {
        const call = calls[begun[cpu] ?? 0];
        const after = call === undefined ? undefined : this.after(state, call);
        if (after !== undefined) {
          stack.push([after, begun.map((count, c) => (c === cpu ? count + 1 : count))]);
        }
      }
    }
  }
}

const STEP = "step";
const NEXT: ActionCall = { action: STEP, parameters: { cpu: 0 } };
