/** Generates a C program that performs an execution of the model on a running kernel. */
import { type ActionCall, formatCall } from "../../explore/model/model.ts";
import { at } from "../../explore/model/schema.ts";
import { expectLeg, planLeg } from "../walk/leg.ts";
import { NotReproducible, notPerformable } from "../walk/not-reproducible.ts";
import { reasonNotPerformable } from "../walk/operations-of-calls.ts";
import type { PackedWorld } from "../walk/packed-world.ts";
import {
  type ProgramStep,
  type ProgramSubject,
  type ReproducerSources,
  reproducerProgram,
} from "./reproducer-program.ts";

/**
 * Returns the program that performs the calls.
 *
 * @throws NotReproducible for a call that cannot be performed from user space, is unknown to the model, or is not
 * enabled
 */
export function reproducer(
  model: PackedWorld,
  calls: readonly ActionCall[],
  subject: Omit<ProgramSubject, "reference">,
  sources: ReproducerSources,
): string {
  const leg = planLeg(
    model,
    calls.map((call, i) => indexOf(model, call, i)),
  );
  const disabled = calls[leg.calls.length];
  if (disabled !== undefined) {
    throw new NotReproducible(`step ${leg.calls.length + 1}, ${formatCall(disabled)}, is not enabled there`);
  }
  const prologueLength = leg.operations.length - leg.calls.length;
  const steps: ProgramStep[] = leg.operations
    .slice(0, prologueLength - 1)
    .map((operation) => ({ text: "", operation, expected: undefined, folios: [] }));
  expectLeg(model, leg, ({ steps: executed, operation, expected }) => {
    const text = executed === 0 ? "initial state" : formatCall(at(calls, executed - 1));
    const folios = model.world.folios.map(({ allocated, nrPages }) => ({ allocated, nrPages }));
    steps.push({ text, operation, expected, folios });
    return true;
  });
  return reproducerProgram(steps, { ...subject, reference: "model" }, sources);
}

function indexOf(model: PackedWorld, call: ActionCall, step: number): number {
  const why = reasonNotPerformable(call);
  if (why !== undefined) {
    throw notPerformable(call, step, why);
  }
  const index = model.indexOf(call);
  if (index < 0) {
    throw new NotReproducible(`step ${step + 1}, ${formatCall(call)}, is not within the bounds of the trace`);
  }
  return index;
}
