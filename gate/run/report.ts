/** Report of a gate on a tree. */

import type { Verdict } from "../../explore/search/search.ts";
import { CLAIMS, claimOf } from "../../invariants/catalogue.ts";
import { type NotChecked, skipped } from "../../invariants/not-checked.ts";
import { formatConfig } from "../../model/kernel/config.ts";
import type { SubjectResult } from "../../proof/proof-result.ts";
import { exceptionsIn } from "../../verify/race-exceptions.ts";
import {
  type BaselineEntry,
  type GateBaseReport,
  type GateClaimReport,
  type GateFindingReport,
  type GateFunctionReport,
  type GateKernelReport,
  type GateLayoutReport,
  type GateOptionsReport,
  type GateReport,
  REPORT_VERSION,
} from "../../verify/report/report.ts";
import { claimVerdict } from "../../verify/run-verdict.ts";
import { otherShards, type Shard } from "../../verify/shard/shard.ts";
import { conformanceId } from "../adapter/machines.ts";
import { mergedCoverage } from "../image/module/coverage.ts";
import type { LayoutReport } from "../layout/layout-report.ts";
import type { MeasuredLayouts } from "../preparation/measured-layouts.ts";
import { GATE_CONFIGURATIONS, gateConfig } from "../unit/configurations.ts";
import { baseNotChecked } from "./base-not-checked.ts";
import { acceptedBy, unmatchedEntries } from "./baseline.ts";
import { changeNotChecked, changeReport, isCovered } from "./change.ts";
import { FINDING_STATUSES, findingsWithStatus } from "./finding-status.ts";
import type { Finding } from "./findings.ts";
import type { ImageBaseResult } from "./image-base.ts";
import { ImageCoverage } from "./image-coverage.ts";
import type { ImageResults } from "./image-part.ts";
import {
  imageBaseNotChecked,
  imageBaseRuns,
  imageClaimReports,
  imageNotChecked,
  imageNotExplored,
} from "./image-report.ts";
import { curedLayoutFindings } from "./layout-findings.ts";
import { gateNotChecked } from "./not-checked.ts";
import { optimisationsIn } from "./optimisations.ts";
import { type GateOutcome, isComplete } from "./outcome.ts";
import { type GateProofResult, gateWithoutProof } from "./proof.ts";
import { configsOf, isProofSignature, isWholeProof } from "./proof-findings.ts";
import { kindOf, SIGNATURE_VERSION, signatureOf } from "./signature.ts";
import type { SourceShapes } from "./source-shape.ts";
import type { ConfiguredBaseResult, ReportedUnit } from "./unit-part.ts";

/** Inputs of a gate's report. */
interface GateResult {
  readonly tree: string;
  /** The command that reproduces the findings. */
  readonly reproduce: string;
  readonly options: GateOptionsReport;
  readonly units: readonly { readonly fast: { readonly unit: ReportedUnit } }[];
  readonly outcomes: readonly GateOutcome[];
  /** All findings, including those about layouts. */
  readonly findings: readonly Finding[];
  /** Results of the base; absent without one. */
  readonly base?: readonly ConfiguredBaseResult[];
  readonly baseline: readonly BaselineEntry[];
  readonly layout?: MeasuredLayouts;
  /** Results of mm images; absent if not requested. */
  readonly image?: ImageResults & {
    /** Reasons for the absence of images, of the tree or in some configurations. */
    readonly without: readonly NotChecked[];
    /** Shapes of the files with changed lines. */
    readonly shapes: SourceShapes;
  };
  /** Results of the proof of owner tracking. */
  readonly proof?: GateProofResult;
  readonly seconds: number;
  /** The shard, if the results are only those of a part. */
  readonly shard?: Shard;
}

const WITHOUT_IMAGE: NonNullable<GateResult["image"]> = {
  outcomes: [],
  findings: [],
  base: [],
  without: [imageNotExplored("not asked for")],
  shapes: {},
};

/** Creates the report. */
export function gateReport(result: GateResult): GateReport {
  const { tree, reproduce, options, outcomes, base, image = WITHOUT_IMAGE, seconds, shard } = result;
  const allOutcomes = [...outcomes, ...image.outcomes];
  const runs = allOutcomes.map(({ report: { coverage: _, ...report } }) => report);
  const layout = result.layout?.own;
  const proofs = result.proof ?? gateWithoutProof("not asked for");
  const findings = findingReports(result.findings, result.baseline);
  const functions = functionReports(result);
  const exceptions = exceptionsIn(runs);
  const units = result.units.map(({ fast: { unit } }) => unit);
  const coverage = mergedCoverage(image.outcomes.map(({ report }) => report.coverage ?? []));
  const change = changeReport(units, functions, layout, new ImageCoverage(coverage, image.shapes));
  const isNew = findingsWithStatus("new", findings).length > 0;
  const isUnproved = findingsWithStatus("unproved", findings).length > 0;
  const isWhole =
    options.only === undefined && options.judge === undefined && layout !== undefined && shard === undefined;
  const isExhausted = allOutcomes.every(isComplete);
  // Only all shards together cover a change.
  const isCoverageMissing =
    options.requireCoverage === true && change !== undefined && !isCovered(change) && shard === undefined;
  const configs = units.map(({ configuration }) => formatConfig(gateConfig(configuration)));
  const isDecidable = isWhole && isExhausted;
  const unmatched = unmatchedEntries(result.baseline, result.findings, wasChecked(configs, proofs.subjects));
  return {
    format: "foliocheck-report",
    version: REPORT_VERSION,
    command: "gate",
    verdict: isNew ? "violated" : isExhausted && !isCoverageMissing && !isUnproved ? "holds" : "incomplete",
    profile: options.profile,
    tree,
    modelKernel: modelKernelOf(units),
    reproduce,
    options,
    functions,
    ...(change === undefined ? {} : { change }),
    claims: claimReports(outcomes).map((claim) => withProof(claim, proofs.subjects)),
    ...(image.outcomes.length === 0
      ? {}
      : { image: { claims: imageClaimReports(image.outcomes), coverage, baseRuns: imageBaseRuns(image.base) } }),
    ...(proofs.subjects.length === 0 ? {} : { proofs: proofs.subjects }),
    ...(layout === undefined ? {} : { layout: layoutReports(layout) }),
    findings,
    signatureVersion: SIGNATURE_VERSION,
    ...(exceptions.length === 0 ? {} : { exceptions }),
    ...(base === undefined ? {} : { base: baseReport(base, image.base, result.layout, proofs.cured) }),
    ...(isDecidable ? { unmatched } : {}),
    runs,
    states: sum(runs, ({ states }) => states),
    transitions: sum(runs, ({ transitions }) => transitions),
    seconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    notChecked: [
      ...(shard === undefined ? [] : [otherShards(shard)]),
      ...(change === undefined ? [] : changeNotChecked(change)),
      ...(base === undefined ? [] : baseNotChecked(base, result.layout?.base, options)),
      ...(isDecidable || unmatched.length === 0
        ? []
        : [
            skipped(
              "Whether every entry of the baseline still matches a finding",
              "only a complete gate without restrictions determines it",
            ),
          ]),
      ...gateNotChecked(units, outcomes, layout, options, image.outcomes),
      ...proofs.notChecked,
      ...image.without,
      ...imageNotChecked(image.outcomes, coverage),
      ...imageBaseNotChecked(image.base, options),
    ],
  };
}

/**
 * Returns a predicate: whether a gate with these configurations and proofs would have reported a finding in a
 * configuration. Findings of a proof require a proof without unknown obligations; layouts are always checked.
 */
export function wasChecked(
  configs: readonly string[],
  proofs: readonly SubjectResult[],
): (config: string, finding: string) => boolean {
  return (config, finding) =>
    isProofSignature(finding)
      ? proofs.some((proof) => isWholeProof(proof) && configsOf(proof).includes(config))
      : configs.includes(config) || !GATE_CONFIGURATIONS.includes(config);
}

/** Adds to a claim its properties that are proved in its configuration. */
function withProof(claim: GateClaimReport, proofs: readonly SubjectResult[]): GateClaimReport {
  const own = proofs.find((proof) => configsOf(proof).includes(claim.config));
  const proved = own?.claims.filter((property) => claimOf(property) === claim.id) ?? [];
  return proved.length === 0 ? claim : { ...claim, proved };
}

/** Returns the model's kernel, which is the same for all configurations of a tree. @throws RangeError without units */
function modelKernelOf(units: readonly ReportedUnit[]): GateKernelReport {
  const [unit] = units;
  if (unit === undefined) {
    throw new RangeError("cannot report on a gate without any unit");
  }
  return unit.modelKernel;
}

function layoutReports({ verdicts }: LayoutReport): GateLayoutReport[] {
  return verdicts.map(({ claim, target, layouts, holds }) => ({
    id: claim,
    target,
    verdict: holds ? "holds" : "violated",
    layouts,
  }));
}

function functionReports({
  units,
  outcomes,
  findings,
}: Pick<GateResult, "units" | "outcomes" | "findings">): GateFunctionReport[] {
  return units.flatMap(({ fast: { unit } }) => {
    const config = formatConfig(gateConfig(unit.configuration));
    const own = outcomes.filter(({ report }) => report.config === config);
    return unit.functions.map(({ name, file, line, status, changes }): GateFunctionReport => {
      const id = conformanceId(name);
      const comparing = own.filter(({ report }) =>
        report.properties.some((each) => each.id === id && each.checked > 0),
      );
      const running = own.filter(({ report }) => report.reached?.includes(name) === true);
      const differs = findings.some((each) => each.function === name && each.config === config);
      const compared = sum(comparing, ({ report }) => report.properties.find((each) => each.id === id)?.checked ?? 0);
      const outcome =
        status === "missing"
          ? "missing"
          : differs
            ? "differs"
            : comparing.length > 0
              ? isDecided(id, own)
                ? "conforms"
                : "incomplete"
              : running.length > 0
                ? "ran"
                : "not reached";
      const states = sum(comparing.length > 0 ? comparing : running, ({ report }) => report.states);
      const claims = claimVerdicts(running).map((claim) => [claim.id, isFulfilled(claim.verdict)] as const);
      return {
        name,
        config,
        file,
        line,
        status,
        ...(changes.length === 0 ? {} : { changes }),
        outcome,
        compared,
        states,
        held: claims.filter(([, held]) => held).map(([claim]) => claim),
        broken: claims.filter(([, held]) => !held).map(([claim]) => claim),
      };
    });
  });
}

/** Whether no run left a property incomplete, except runs with a follow-up. */
function isDecided(id: string, outcomes: readonly GateOutcome[]): boolean {
  return outcomes.every(
    ({ report, hasFollowUp }) =>
      hasFollowUp || report.properties.every((each) => each.id !== id || each.verdict !== "incomplete"),
  );
}

/** Reports each claim in each configuration, from the runs in claims mode. */
function claimReports(outcomes: readonly GateOutcome[]): GateClaimReport[] {
  const configs = [...new Set(outcomes.map(({ report }) => report.config))];
  return configs.flatMap((config) =>
    claimVerdicts(outcomes.filter(({ report }) => report.config === config)).map((claim) => ({ ...claim, config })),
  );
}

/** Combines the verdicts of each claim over the runs in claims mode, in the order of the catalogue. */
function claimVerdicts(outcomes: readonly GateOutcome[]): Omit<GateClaimReport, "config">[] {
  const claimRuns = outcomes.filter(({ mode }) => mode === "claims");
  return CLAIMS.flatMap(({ id, claim }) => {
    const results = claimRuns
      .map(({ report, hasFollowUp }) => ({
        states: report.states,
        verdicts: report.properties
          .filter((each) => claimOf(each.id) === id && !(hasFollowUp && each.verdict === "incomplete"))
          .map(({ verdict }) => verdict),
      }))
      .filter(({ verdicts }) => verdicts.length > 0);
    const verdicts = results.flatMap((each) => each.verdicts);
    const states = sum(results, (each) => each.states);
    return verdicts.length === 0 ? [] : [{ id, claim, verdict: claimVerdict(verdicts), states }];
  });
}

/**
 * Merges equal findings, with their configurations and their shortest trace: new ones first, those of the base last.
 */
function findingReports(findings: readonly Finding[], baseline: readonly BaselineEntry[]): GateFindingReport[] {
  const reports = new Map<string, GateFindingReport>();
  const merged = new Map<string, Finding[]>();
  for (const finding of findings) {
    const accepted = acceptedBy(finding, baseline)?.reason;
    const isInBase = accepted === undefined && finding.inBase === true;
    const key = `${kindOf(finding)} ${accepted === undefined} ${isInBase}`;
    const previous = reports.get(key);
    const { property, mode, claim, verdict, cause, trace } = finding;
    const all = [...(merged.get(key) ?? []), finding];
    merged.set(key, all);
    const isShorter = previous?.trace && trace !== null && trace.steps.length < previous.trace.steps.length;
    reports.set(key, {
      property,
      mode,
      claim,
      ...(finding.function === undefined ? {} : { function: finding.function }),
      verdict,
      ...(cause === undefined
        ? {}
        : { cause: previous === undefined || isShorter ? cause : (previous.cause ?? cause) }),
      signatures: [...new Set([...(previous?.signatures ?? []), signatureOf(finding)])],
      configs: [...new Set([...(previous?.configs ?? []), finding.config])],
      ...(finding.target === undefined
        ? {}
        : { targets: [...new Set([...(previous?.targets ?? []), finding.target])] }),
      ...(finding.place === undefined ? {} : { place: finding.place }),
      ...optimisationsIn(all),
      ...(accepted === undefined ? {} : { accepted }),
      ...(isInBase ? { inBase: true } : {}),
      trace: previous === undefined || isShorter ? trace : previous.trace,
    });
  }
  return FINDING_STATUSES.flatMap((status) => findingsWithStatus(status, [...reports.values()]));
}

function baseReport(
  base: readonly ConfiguredBaseResult[],
  images: readonly ImageBaseResult[],
  layouts: MeasuredLayouts | undefined,
  curedProofs: readonly Finding[],
): GateBaseReport {
  const runs = base.flatMap(({ outcomes }) => outcomes.map(({ report }) => report));
  const curedLayouts = layouts === undefined ? [] : curedLayoutFindings(layouts);
  return {
    same: base.flatMap((each) => (each.base?.kind === "same" ? [each.config] : [])),
    runs: runs.length,
    states: sum(runs, ({ states }) => states),
    transitions: sum(runs, ({ transitions }) => transitions),
    cured: findingReports([...[...base, ...images].flatMap(({ cured }) => cured), ...curedLayouts, ...curedProofs], []),
  };
}

function isFulfilled(verdict: Verdict): boolean {
  return verdict === "holds" || verdict === "reached";
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
