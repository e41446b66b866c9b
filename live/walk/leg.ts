/**
 * One execution from a fresh start: calls of the model, what makes them happen, and the comparison of what was seen with
 * the model's states.
 */

import type { ActionCall } from "../../explore/model/model.ts";
import { at } from "../../explore/model/schema.ts";
import { Comparison, type FieldPair } from "../compare/comparison.ts";
import { Contents } from "../compare/contents.ts";
import { type Expectation, expect } from "../compare/expectation.ts";
import type { Failure, Observation } from "../session/observation.ts";
import type { Operation } from "../session/operation.ts";
import { operationOf } from "./operations-of-calls.ts";
import type { PackedWorld } from "./packed-world.ts";

/** An execution, planned. */
export interface Leg {
  /** Indices in the machine's calls. */
  readonly calls: readonly number[];
  /** What makes the initial state, then one operation for each call. */
  readonly operations: readonly Operation[];
}

/** Where the kernel first did something else than the model. */
export interface LegDifference {
  /** Calls that led to it; the last one shows it. None: the initial state shows it. */
  readonly steps: number;
  /** Every field after that call; only that it failed, when the kernel refused it. */
  readonly fields: readonly FieldPair[];
}

/** Plans an execution of those calls that are enabled in their turn. Overwrites the machine's state. */
export function planLeg(machine: PackedWorld, wanted: readonly number[]): Leg {
  machine.loadInitial();
  const calls: number[] = [];
  const operations: Operation[] = prologueOf(machine);
  const before = new Int32Array(machine.words);
  let value = 1;
  for (const call of wanted) {
    machine.save(before);
    if (!machine.apply(call)) {
      continue;
    }
    const after = machine.memory.slice(0, machine.words);
    machine.load(before);
    operations.push(operationOf(at(machine.calls, call), machine.world, value));
    value += 1;
    machine.load(after);
    calls.push(call);
  }
  return { calls, operations };
}

/** Makes the MMs that live in the current state. */
function prologueOf({ world }: PackedWorld): Operation[] {
  return world.mms.flatMap(({ live }, mm): Operation[] => (live ? [{ kind: "newMm", mm }] : []));
}

/** The operations as calls, for people and trace files. */
export function callsOfLeg(machine: PackedWorld, { calls }: Leg): ActionCall[] {
  return calls.map((call) => {
    const { action, parameters } = at(machine.calls, call);
    return { action, parameters };
  });
}

/** What must be seen after one operation of a leg. */
export interface ExpectedStep {
  /** Calls taken so far; 0 for those operations that make the initial state. */
  readonly steps: number;
  readonly operation: Operation;
  readonly expected: Expectation;
}

/**
 * Takes the calls of a leg again and says what must be seen after each operation.
 *
 * @param see gets each step with the machine in the state after it; false ends it
 */
export function expectLeg(
  machine: PackedWorld,
  { calls, operations }: Leg,
  see: (step: ExpectedStep) => boolean,
): void {
  const { world, kernel } = machine;
  const contents = new Contents();
  const made = operations.length - calls.length;
  machine.loadInitial();
  for (let i = 0; i < operations.length; i++) {
    const operation = at(operations, i);
    const call = i < made ? undefined : at(calls, i - made);
    if (call !== undefined) {
      machine.apply(call);
    }
    contents.note(operation, call !== undefined && machine.calls[call]?.parameters["value"] === 1, world);
    // The model's first state is there when its last MM is.
    if (i >= made - 1) {
      const expected = expect(world, kernel, contents);
      if (!see({ steps: Math.max(0, i - made + 1), operation, expected })) {
        return;
      }
    }
  }
}

/**
 * Holds what was seen against the model's states, up to the first difference. Overwrites the machine's state.
 *
 * @param seen what `perform` gave for the leg's operations
 * @param pageSize in bytes
 * @returns undefined when there is none
 */
export function compareLeg(
  machine: PackedWorld,
  leg: Leg,
  seen: readonly (Observation | Failure)[],
  pageSize: number,
): LegDifference | undefined {
  const comparison = new Comparison(pageSize);
  const made = leg.operations.length - leg.calls.length;
  let difference: LegDifference | undefined;
  expectLeg(machine, leg, ({ steps, operation, expected }) => {
    const observed = seen[made - 1 + steps];
    if (observed === undefined || observed.kind === "failure") {
      // A failure ends the answers: it may be that of an earlier operation, which made the initial state.
      const last = seen.at(-1);
      difference = { steps, fields: [failed(operation, last?.kind === "failure" ? last : undefined)] };
      return false;
    }
    comparison.follow(machine.world.folios, expected, observed);
    if (!comparison.agrees(expected, observed)) {
      difference = { steps, fields: comparison.fields(expected, observed) };
    }
    return difference === undefined;
  });
  return difference;
}

function failed({ kind }: Operation, refused: Failure | undefined): FieldPair {
  const kernel = refused?.message ?? "not performed";
  return { place: "operation", field: kind, model: "performed", kernel, holds: false };
}
