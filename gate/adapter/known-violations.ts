/** Removes known violations of C code from a model, so that a search continues past them and checks the rest. */
import { BeyondBounds, FieldRangeError } from "../../explore/model/errors.ts";
import type { WarningLog } from "../../explore/model/machine.ts";
import type { Action } from "../../explore/model/model.ts";
import type { AnyModel } from "../../machines/machine.ts";
import { type DataRace, dataRaceName } from "../../races/data-races.ts";

/** A known violation by C code: of a property or, for a property about warnings, one of its warnings. */
export interface KnownViolation {
  readonly property: string;
  /** The warning, as data. */
  readonly warning?: object;
}

/**
 * Returns the model without known violations. Known warnings are not raised; a known property that is not about
 * warnings is not checked. Past a violation, a field may leave its range: the search then ends as incomplete.
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
    // The description is read when the warning is raised: codes of data races are assigned during the search.
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

/**
 * Returns a key that is equal for equal violations. A data race is identified by its name, not by its call stacks and
 * texts.
 */
export function violationKey({ property, warning }: KnownViolation): string {
  return JSON.stringify([property, warning !== undefined && isDataRace(warning) ? dataRaceName(warning) : warning]);
}

function isDataRace(warning: object): warning is DataRace {
  return "kind" in warning && warning.kind === "data-race";
}

/** Makes a log ignore warnings with certain codes. Can be called again for a revised model. */
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
