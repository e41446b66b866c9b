/** Machine `race` with the C code of a tree as its threads. */
import type { AnyModel, MachineDefinition } from "../../machines/machine.ts";
import { RACE_MACHINE } from "../../machines/race.ts";
import { cWarnings } from "../adapter/c-warnings.ts";
import { type KnownViolation, withoutKnown } from "../adapter/known-violations.ts";
import type { ThreadFunctions } from "./thread-functions.ts";

/**
 * Returns machine `race` with threads that run C code.
 *
 * @param known known violations, which are not reported again
 */
export function threadMachine(functions: ThreadFunctions, known: readonly KnownViolation[]): MachineDefinition {
  const { faults, codes } = functions;
  const adapted = (model: AnyModel): AnyModel => {
    const { warnings, properties, revise } = model;
    const whole: AnyModel = {
      ...model,
      properties: [...properties, cWarnings(codes)],
      ...(warnings === undefined
        ? {}
        : { warnings: { ...warnings, data: (code) => faults(code) ?? warnings.data?.(code) } }),
      ...(revise === undefined ? {} : { revise: () => adapted(revise() as AnyModel) }),
    };
    return known.length === 0 ? whole : withoutKnown(whole, known);
  };
  return {
    ...RACE_MACHINE,
    build: (bounds, kernel, calls) => adapted(RACE_MACHINE.build(bounds, kernel, calls)),
  };
}
