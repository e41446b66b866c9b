/** Machine race with the C code of a tree as its threads. */
import type { AnyModel, MachineDefinition } from "../../machines/machine.ts";
import { RACE_MACHINE } from "../../machines/race.ts";
import { cWarnings } from "../adapter/c-warnings.ts";
import { type KnownViolation, withoutKnown } from "../adapter/known-violations.ts";
import type { ThreadFunctions } from "./thread-functions.ts";

/**
 * The machine, whose claims the C code is judged by.
 *
 * @param known what it is known to violate, and is not judged by
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
