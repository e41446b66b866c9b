/** Generates a C program that performs an execution of the model on a running kernel. */
import { type ActionCall, formatCall } from "../../explore/model/model.ts";
import { at } from "../../explore/model/schema.ts";
import { expectLeg, planLeg } from "../walk/leg.ts";
import { NotReproducible, notPerformable } from "../walk/not-reproducible.ts";
import { unperformable } from "../walk/operations-of-calls.ts";
import type { PackedWorld } from "../walk/packed-world.ts";
import { type ProgramStep, type ProgramSubject, reproducerProgram } from "./reproducer-program.ts";

/**
 * Returns the program that performs the calls.
 *
 * @throws NotReproducible for a call that cannot be performed from user space, is unknown to the model, or is not
 * enabled
 */
export function reproducer(
  machine: PackedWorld,
  calls: readonly ActionCall[],
  subject: Omit<ProgramSubject, "reference">,
): string {
  const leg = planLeg(
    machine,
    calls.map((call, i) => indexOf(machine, call, i)),
  );
  const disabled = calls[leg.calls.length];
  if (disabled !== undefined) {
    throw new NotReproducible(`step ${leg.calls.length + 1}, ${formatCall(disabled)}, is not enabled there`);
  }
  const made = leg.operations.length - leg.calls.length;
  const steps: ProgramStep[] = leg.operations
    .slice(0, made - 1)
    .map((operation) => ({ text: "", operation, expected: undefined, folios: [] }));
  expectLeg(machine, leg, ({ steps: taken, operation, expected }) => {
    const text = taken === 0 ? "initial state" : formatCall(at(calls, taken - 1));
    const folios = machine.world.folios.map(({ allocated, nrPages }) => ({ allocated, nrPages }));
    steps.push({ text, operation, expected, folios });
    return true;
  });
  return reproducerProgram(steps, { ...subject, reference: "model" });
}

function indexOf(machine: PackedWorld, call: ActionCall, step: number): number {
  const why = unperformable(call);
  if (why !== undefined) {
    throw notPerformable(call, step, why);
  }
  const index = machine.indexOf(call);
  if (index < 0) {
    throw new NotReproducible(`step ${step + 1}, ${formatCall(call)}, is not within the bounds of the trace`);
  }
  return index;
}
