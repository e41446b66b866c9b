/**
 * One execution from a fresh start: calls of the model, what makes them happen, and the comparison of what was seen with
 * the model's states.
 */
import { at } from "../explore/schema.ts";
import type { ActionCall } from "../explore/model.ts";
import { Comparison, type FieldValue } from "./comparison.ts";
import { Contents } from "./contents.ts";
import type { Failure, Observation } from "./observation.ts";
import type { Operation } from "./operation.ts";
import { operationOf } from "./operations-of-calls.ts";
import type { PackedWorld } from "./packed-world.ts";

/** An execution, planned. */
export interface Leg {
  /** Indices in the machine's calls. */
  readonly calls: readonly number[];
  /** What makes the initial state, then one operation for each call. */
  readonly operations: readonly Operation[];
}

/** A field of both sides. */
export interface FieldPair {
  readonly place: string;
  readonly field: string;
  readonly model: FieldValue;
  readonly kernel: FieldValue;
  readonly holds: boolean;
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

/**
 * Holds what was seen against the model's states, up to the first difference. Overwrites the machine's state.
 *
 * @param seen what `perform` gave for the leg's operations
 * @returns undefined when there is none
 */
export function compareLeg(
  machine: PackedWorld,
  leg: Leg,
  seen: readonly (Observation | Failure)[],
): LegDifference | undefined {
  const { world, kernel } = machine;
  const contents = new Contents();
  const comparison = new Comparison(kernel, contents);
  machine.loadInitial();
  const made = leg.operations.length - leg.calls.length;
  for (let i = 0; i < leg.operations.length; i++) {
    const operation = at(leg.operations, i);
    const steps = Math.max(0, i - made + 1);
    let follows = false;
    if (i >= made) {
      const call = at(leg.calls, i - made);
      machine.apply(call);
      follows = machine.calls[call]?.parameters["value"] === 1;
    }
    contents.note(operation, follows, world);
    const observed = seen[i];
    if (observed === undefined || observed.kind === "failure") {
      const message = observed?.message ?? "not performed";
      const fields = [
        { place: "operation", field: operation.kind, model: "performed", kernel: message, holds: false },
      ];
      return { steps, fields };
    }
    if (i < made - 1) {
      continue;
    }
    comparison.follow(world, observed);
    if (!comparison.agrees(world, observed)) {
      return { steps, fields: fieldsOf(comparison, machine, observed) };
    }
  }
  return undefined;
}

function fieldsOf(comparison: Comparison, { world }: PackedWorld, observed: Observation): FieldPair[] {
  const fields: FieldPair[] = [];
  comparison.visit(world, observed, (place, field, model, kernel, holds) => {
    fields.push({ place, field, model, kernel, holds });
  });
  return fields;
}
