/** The heading of a step: its action as a call, with words in the place of codes. */
import { formatCall, type ParameterValue } from "../../explore/model/model.ts";
import type { TraceReportStep } from "../../verify/report/report.ts";
import { FOLLOWED } from "./contents.ts";
import { mmName } from "./entry.ts";
import { holderKindName } from "./holders.ts";

/** What the values of a parameter stand for, by action and parameter, or by parameter. */
const WORDS: { readonly [parameter: string]: (value: ParameterValue) => string } = {
  "gup.kind": (kind) => holderKindName(Number(kind)),
  "store.value": contentName,
  "dmaWrite.value": contentName,
  walk: (walk) => String(walk).split(",").map(Number).map(mmName).join(" then "),
};

function contentName(value: ParameterValue): string {
  return value === 1 ? FOLLOWED : "another";
}

/** The call of the step, for people. */
export function callHeading({ action, parameters }: TraceReportStep): string {
  const told = Object.entries(parameters).map(([name, value]) => [name, wordFor(action, name)?.(value) ?? value]);
  return formatCall({ action, parameters: Object.fromEntries(told) });
}

function wordFor(action: string, name: string): (typeof WORDS)[string] | undefined {
  return WORDS[`${action}.${name}`] ?? WORDS[name];
}
