/** Machines without what C code is known to violate, so that a search goes on past it and judges the rest. */
import { BeyondBounds, FieldRangeError } from "../../explore/model/errors.ts";
import type { WarningLog } from "../../explore/model/machine.ts";
import type { Action } from "../../explore/model/model.ts";
import type { AnyModel } from "../../machines/machine.ts";
import { type DataRace, dataRaceName } from "../../races/data-races.ts";

/** What C code is known to violate: a property, or of a property that is about warnings one of these. */
export interface KnownViolation {
  readonly property: string;
  /** The warning, as data. */
  readonly warning?: object;
}

/**
 * The model without what is known. Warnings that are known are not raised any more; a property without any other is not
 * asked. Past a violation the environment may be led to states that it has no room for: the search ends there, as incomplete.
 */
export function withoutKnown(model: AnyModel, known: readonly KnownViolation[]): AnyModel {
  const { warnings } = model;
  const keys = new Set(known.map(violationKey));
  const isKnown = (property: string, warning?: object): boolean =>
    keys.has(violationKey({ property, ...(warning === undefined ? {} : { warning }) }));
  if (warnings !== undefined) {
    const owners = new Map(
      model.properties.flatMap((property) =>
        property.kind === "warning" ? property.codes.map((code): [number, string] => [code, property.id]) : [],
      ),
    );
    // Warnings are described when they are raised: data races have their codes from the search.
    silence(warnings.log, (code) => {
      const owner = owners.get(code);
      return owner !== undefined && isKnown(owner, warnings.data?.(code));
    });
  }
  return {
    ...model,
    properties: model.properties.filter((property) => property.kind === "warning" || !isKnown(property.id)),
    actions: model.actions.map(boundedBy(known)),
  };
}

/** Equal for the same violation. One data race shows with other functions around it, and with other texts of its accesses. */
export function violationKey({ property, warning }: KnownViolation): string {
  return JSON.stringify([property, warning !== undefined && isDataRace(warning) ? dataRaceName(warning) : warning]);
}

function isDataRace(warning: object): warning is DataRace {
  return "kind" in warning && warning.kind === "data-race";
}

/** Makes a log that does not keep warnings of some codes; again where a model is revised. */
function silence(log: WarningLog, isSilent: (code: number) => boolean): void {
  let first = log.first;
  Object.defineProperty(log, "first", {
    configurable: true,
    get: () => first,
    set: (code: number) => {
      first = isSilent(code) ? first : code;
    },
  });
}

function boundedBy(known: readonly KnownViolation[]): (action: Action<unknown, unknown>) => Action<unknown, unknown> {
  const names = [...new Set(known.map(({ property }) => property))].join(", ");
  return (action) => ({
    ...action,
    recipe: (state, context, parameters) => {
      try {
        return action.recipe(state, context, parameters);
      } catch (error) {
        throw error instanceof FieldRangeError
          ? new BeyondBounds(`past a known violation of ${names}, ${error.message}`)
          : error;
      }
    },
  });
}
