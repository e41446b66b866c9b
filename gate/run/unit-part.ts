/** Results of the runs on translation units, as JSON values: those of all shards make the results of the gate. */
import { formatConfig } from "../../model/kernel/config.ts";
import { gateConfig } from "../unit/configurations.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";
import type { Finding } from "./findings.ts";
import { type GateOutcome, isComplete } from "./outcome.ts";

/** A translation unit without its code: what a report needs of it. */
export type ReportedUnit = Omit<TranslationUnit, "source" | "warnings" | "harnessFunctions">;

/** The base of a unit without its code. */
export type ReportedBase =
  | { readonly kind: "same" | "compiled" | "absent" }
  | { readonly kind: "refused"; readonly why: string };

/** A run, and its place in the order of a gate without shards. */
export interface UnitRun {
  /** 0 for a run of the profile, 1 for one that continues past the findings of such a run, … */
  readonly round: number;
  /** Position in the profile of the run from which it or its predecessors started. */
  readonly position: number;
  readonly outcome: GateOutcome;
  readonly findings: readonly Finding[];
}

/** Runs of the base that start from the same run of the profile. */
export interface BaseRuns {
  readonly position: number;
  readonly outcomes: readonly GateOutcome[];
  readonly findings: readonly Finding[];
}

/** Results in one configuration. */
export interface UnitPart {
  readonly unit: ReportedUnit;
  readonly runs: readonly UnitRun[];
  /** Absent without a base. */
  readonly base?: {
    /** Absent if an interrupt came before it was compiled. */
    readonly unit?: ReportedBase;
    readonly runs: readonly BaseRuns[];
  };
}

/** Results of the base in one configuration. */
export interface ConfiguredBaseResult {
  readonly config: string;
  /** The base; undefined if an interrupt came before it was compiled. */
  readonly base: ReportedBase | undefined;
  readonly outcomes: readonly GateOutcome[];
  /** Findings of the base that the tree does not have. */
  readonly cured: readonly Finding[];
}

/** Results in all configurations, in the order of a gate without shards. */
export interface UnitResults {
  readonly outcomes: readonly GateOutcome[];
  readonly findings: readonly Finding[];
  /** Results of the base; absent without one. */
  readonly base?: readonly ConfiguredBaseResult[];
}

/** Returns a unit without its code. */
export function reportedUnit({
  source: _,
  warnings: __,
  harnessFunctions: ___,
  ...unit
}: TranslationUnit): ReportedUnit {
  return unit;
}

/** Puts the parts of several shards together, configuration by configuration. @param shards of the same tree */
export function mergedUnits(shards: readonly (readonly UnitPart[])[]): UnitPart[] {
  const [first = []] = shards;
  return first.map(({ unit }, index) => {
    const parts = shards.flatMap((each) => each[index] ?? []);
    const bases = parts.flatMap(({ base }) => base ?? []);
    const base = bases.every((each) => each.unit !== undefined) ? bases[0]?.unit : undefined;
    return {
      unit,
      runs: parts.flatMap(({ runs }) => runs),
      ...(bases.length === 0
        ? {}
        : { base: { ...(base === undefined ? {} : { unit: base }), runs: bases.flatMap(({ runs }) => runs) } }),
    };
  });
}

/** Returns the results of parts, whatever the order in which their runs ended. */
export function unitResults(parts: readonly UnitPart[]): UnitResults {
  const results = parts.map(({ unit, runs, base }) => {
    const ordered = [...runs].sort((one, other) => one.round - other.round || one.position - other.position);
    const outcomes = ordered.map(({ outcome }) => outcome);
    const findings = ordered.flatMap((run) => run.findings);
    return { outcomes, findings, base: base === undefined ? [] : [baseResult(unit, base, outcomes, findings)] };
  });
  return {
    outcomes: results.flatMap(({ outcomes }) => outcomes),
    findings: results.flatMap(({ findings }) => findings),
    ...(parts.some(({ base }) => base !== undefined) ? { base: results.flatMap(({ base }) => base) } : {}),
  };
}

function baseResult(
  { configuration }: ReportedUnit,
  { unit, runs }: NonNullable<UnitPart["base"]>,
  outcomes: readonly GateOutcome[],
  findings: readonly Finding[],
): ConfiguredBaseResult {
  const ordered = [...runs].sort((one, other) => one.position - other.position);
  const ofBase = ordered.flatMap((each) => each.findings);
  return {
    config: formatConfig(gateConfig(configuration)),
    base: unit,
    outcomes: ordered.flatMap((each) => each.outcomes),
    cured: ofBase.filter((finding) => isCured(finding, outcomes, findings)),
  };
}

/**
 * Whether the tree does not have a finding of the base: it violates the property in no other way, and none of its runs
 * left it incomplete.
 */
function isCured({ property, mode }: Finding, outcomes: readonly GateOutcome[], findings: readonly Finding[]): boolean {
  const isViolated = findings.some((each) => each.property === property && each.mode === mode);
  const isOpen = outcomes.some(
    (each) => each.mode === mode && !isComplete(each) && each.report.properties.some(({ id }) => id === property),
  );
  return !isViolated && !isOpen;
}
