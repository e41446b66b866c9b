/** Headings of steps: actions as calls, with names instead of codes. */
import { formatCall, type ParameterValue } from "../../explore/model/model.ts";
import type { TraceReportStep } from "../../verify/report/report.ts";
import { TRACKED_WRITE } from "./contents.ts";
import { mmName } from "./entry.ts";
import { holderKindName } from "./holder-kind.ts";

/** Names of parameter values, by action and parameter, or by parameter. */
const VALUE_NAMES: { readonly [parameter: string]: (value: ParameterValue) => string } = {
  "gup.kind": (kind) => holderKindName(Number(kind)),
  "store.value": contentName,
  "dmaWrite.value": contentName,
  walk: (walk) => String(walk).split(",").map(Number).map(mmName).join(" then "),
};

function contentName(value: ParameterValue): string {
  return value === 1 ? TRACKED_WRITE : "another";
}

/** Formats the call of a step. */
export function callHeading({ action, parameters }: TraceReportStep): string {
  const named = Object.entries(parameters).map(([name, value]) => [name, nameFor(action, name)?.(value) ?? value]);
  return formatCall({ action, parameters: Object.fromEntries(named) });
}

function nameFor(action: string, parameter: string): (typeof VALUE_NAMES)[string] | undefined {
  return VALUE_NAMES[`${action}.${parameter}`] ?? VALUE_NAMES[parameter];
}
