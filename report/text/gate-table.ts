/** Rows of the function tables of a gate: one for each function, over all configurations. */
import type { GateFunctionReport } from "../../verify/report/report.ts";
import type { Role } from "./styled-text.ts";

/** One function over all configurations. */
export interface GateFunctionRow {
  readonly name: string;
  /** `mm/rmap.c:1248`, or only the file if the function is missing. */
  readonly place: string;
  readonly status: GateFunctionReport["status"];
  /** Number of configurations in which it was compiled. */
  readonly compiled: number;
  readonly configs: number;
  readonly states: number;
  readonly compared: number;
  /** Number of claims that hold in all configurations, of the `judged` ones whose runs executed the function. */
  readonly held: number;
  readonly judged: number;
  /** The outcomes in its configurations, the worst first, each with the number of configurations. */
  readonly outcomes: readonly (readonly [GateFunctionReport["outcome"], number])[];
}

const WORST_FIRST: readonly GateFunctionReport["outcome"][] = [
  "differs",
  "missing",
  "incomplete",
  "not reached",
  "ran",
  "conforms",
];

/** Returns the rows, in the order of the functions. */
export function functionRows(functions: readonly GateFunctionReport[]): GateFunctionRow[] {
  const names = [...new Set(functions.map(({ name }) => name))];
  return names.map((name) => {
    const own = functions.filter((each) => each.name === name);
    const compiled = own.filter(({ status }) => status !== "missing");
    const [first] = compiled.length > 0 ? compiled : own;
    const broken = new Set(own.flatMap((each) => each.broken));
    const claimsOfRow = new Set([...broken, ...own.flatMap((each) => each.held)]);
    const count = (outcome: GateFunctionReport["outcome"]): number =>
      own.filter((each) => each.outcome === outcome).length;
    return {
      name,
      place: first === undefined || first.line === 0 ? (first?.file ?? "") : `${first.file}:${first.line}`,
      status: first?.status ?? "missing",
      compiled: compiled.length,
      configs: own.length,
      states: own.reduce((sum, { states }) => sum + states, 0),
      compared: own.reduce((sum, { compared }) => sum + compared, 0),
      held: claimsOfRow.size - broken.size,
      judged: claimsOfRow.size,
      outcomes: WORST_FIRST.map((outcome) => [outcome, count(outcome)] as const).filter(([, number]) => number > 0),
    };
  });
}

/** Formats the claims of a function: `18/18`; empty if no claim's run executed it. */
export function claimsText({ held, judged }: GateFunctionRow): string {
  return judged === 0 ? "" : `${held}/${judged}`;
}

/** Formats the outcomes of a function: `conforms`, or `differs in 4, missing in 2`. */
export function outcomeText({ outcomes, configs }: GateFunctionRow): string {
  return outcomes.map(([outcome, number]) => (number === configs ? outcome : `${outcome} in ${number}`)).join(", ");
}

/** Returns the colour role of the outcomes of a function: that of the worst one. */
export function outcomeRole({ outcomes }: GateFunctionRow): Role | undefined {
  const [worst] = outcomes[0] ?? [];
  return worst === "differs"
    ? "bad"
    : worst === "missing" || worst === "incomplete" || worst === "not reached"
      ? "warn"
      : undefined;
}
