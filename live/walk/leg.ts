/**
 * A leg is one execution from the initial state: calls of the model, the operations that perform them, and the
 * comparison of the observations with the model's states.
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

/** A planned execution. */
export interface Leg {
  /** Indices in the calls of the model. */
  readonly calls: readonly number[];
  /** Operations that establish the initial state, then one operation for each call. */
  readonly operations: readonly Operation[];
}

/** The first difference between kernel and model in a leg. */
export interface LegDifference {
  /** Number of calls up to the one that shows the difference; 0: the initial state shows it. */
  readonly steps: number;
  /** All fields after that call; only the failure if the operation failed. */
  readonly fields: readonly FieldPair[];
}

/** Plans an execution of those calls that are enabled when they are reached. Overwrites the current state. */
export function planLeg(model: PackedWorld, candidates: readonly number[]): Leg {
  model.loadInitial();
  const calls: number[] = [];
  const operations: Operation[] = prologueOf(model);
  const before = new Int32Array(model.words);
  let value = 1;
  for (const call of candidates) {
    model.save(before);
    if (!model.apply(call)) {
      continue;
    }
    const after = model.memory.slice(0, model.words);
    model.load(before);
    operations.push(operationOf(at(model.calls, call), model.world, value));
    value += 1;
    model.load(after);
    calls.push(call);
  }
  return { calls, operations };
}

/** Returns operations that create the MMs of the current state. */
function prologueOf({ world }: PackedWorld): Operation[] {
  return world.mms.flatMap(({ live }, mm): Operation[] => (live ? [{ kind: "newMm", mm }] : []));
}

/** Returns the calls of a leg, for output and trace files. */
export function callsOfLeg(model: PackedWorld, { calls }: Leg): ActionCall[] {
  return calls.map((call) => {
    const { action, parameters } = at(model.calls, call);
    return { action, parameters };
  });
}

/** The expected observation after one operation of a leg. */
export interface ExpectedStep {
  /** Number of calls up to this one; 0 for the operations that establish the initial state. */
  readonly steps: number;
  readonly operation: Operation;
  readonly expected: Expectation;
}

/**
 * Executes a leg on the model, and computes the expected observation after each operation.
 *
 * @param visit called for each step, with the model in the state after it; returns false to stop
 */
export function expectLeg(
  model: PackedWorld,
  { calls, operations }: Leg,
  visit: (step: ExpectedStep) => boolean,
): void {
  const { world, kernel } = model;
  const contents = new Contents();
  const prologueLength = operations.length - calls.length;
  model.loadInitial();
  for (let i = 0; i < operations.length; i++) {
    const operation = at(operations, i);
    const call = i < prologueLength ? undefined : at(calls, i - prologueLength);
    if (call !== undefined) {
      model.apply(call);
    }
    contents.record(operation, call !== undefined && model.calls[call]?.parameters["value"] === 1, world);
    // The initial state is complete when its last MM exists.
    if (i >= prologueLength - 1) {
      const expected = expect(world, kernel, contents);
      if (!visit({ steps: Math.max(0, i - prologueLength + 1), operation, expected })) {
        return;
      }
    }
  }
}

/**
 * Compares observations with the model's states, up to the first difference. Overwrites the current state.
 *
 * @param observations results of `perform` for the operations of the leg
 * @param pageSize in bytes
 * @returns undefined without a difference
 */
export function compareLeg(
  model: PackedWorld,
  leg: Leg,
  observations: readonly (Observation | Failure)[],
  pageSize: number,
): LegDifference | undefined {
  const comparison = new Comparison(pageSize);
  const prologueLength = leg.operations.length - leg.calls.length;
  let difference: LegDifference | undefined;
  expectLeg(model, leg, ({ steps, operation, expected }) => {
    const observed = observations[prologueLength - 1 + steps];
    if (observed === undefined || observed.kind === "failure") {
      // A failure is the last result. It may be that of an earlier operation, which establishes the initial state.
      const last = observations.at(-1);
      difference = { steps, fields: [failureField(operation, last?.kind === "failure" ? last : undefined)] };
      return false;
    }
    comparison.recordFrames(model.world.folios, expected, observed);
    if (!comparison.agrees(expected, observed)) {
      difference = { steps, fields: comparison.fields(expected, observed) };
    }
    return difference === undefined;
  });
  return difference;
}

function failureField({ kind }: Operation, refused: Failure | undefined): FieldPair {
  const kernel = refused?.message ?? "not performed";
  return { place: "operation", field: kind, model: "performed", kernel, holds: false };
}
