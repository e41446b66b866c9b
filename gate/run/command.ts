/** Commands that reproduce the findings of a gate. */
import { STANDARD_INPUT } from "../../files/read-input.ts";
import type { GateOptionsReport, GateReport, TraceReport } from "../../verify/report/report.ts";
import { shellWord } from "../../verify/report/shell-word.ts";
import { DEFAULT_GATE_PROFILE } from "./plan.ts";

/** Options with more than one value, written as words. */
const LISTS: readonly string[] = ["config", "solver"];

/** Returns the command of a gate, without options that do not affect its findings: reports, workers, caches. */
export function gateCommand(options: GateOptionsReport): string {
  const { tree, patch, base, config, profile, only, judge, baseline } = options;
  const limits = [
    ["max-states", options.maxStates],
    ["max-depth", options.maxDepth],
    ["max-memory", options.maxMemoryBytes],
    ["timeout", options.timeoutSeconds],
  ] as const;
  const values: readonly (readonly [name: string, value: string | number | undefined])[] = [
    ["tree", tree],
    ["patch", patch],
    ["base", base],
    ["profile", profile === DEFAULT_GATE_PROFILE ? undefined : profile],
    ["judge", judge],
    ["baseline", baseline],
    ...limits,
    ["solver-timeout", options.solverTimeout],
    ["config", config?.map(quoted).join(" ")],
    ["solver", options.solver?.join(" ")],
    ["only", only],
  ];
  const words = values.flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name} ${LISTS.includes(name) ? value : quoted(String(value))}`],
  );
  const flags = [
    ...(options.image === false ? ["--no-image"] : []),
    ...(options.proof === false ? ["--no-proof"] : []),
    ...(options.requireCoverage === true ? ["--require-coverage"] : []),
  ];
  return ["foliocheck gate", ...words, ...flags].join(" ");
}

function quoted(word: string): string {
  return word === STANDARD_INPUT ? word : shellWord(word);
}

/** Returns the command that reproduces one finding: the gate in the configuration and on the machine of its trace. */
export function findingCommand({ options }: Pick<GateReport, "options">, { config, machine }: TraceReport): string {
  const { requireCoverage: _, ...others } = options;
  return gateCommand({ ...others, config: [config], only: machine });
}
