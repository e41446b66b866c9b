/** Sums up what the gate's runs say of a tree. */

import type { Verdict } from "../../explore/search/search.ts";
import { CLAIMS, claimOf } from "../../invariants/catalogue.ts";
import { type NotChecked, notChecked } from "../../invariants/not-checked.ts";
import { formatConfig } from "../../model/kernel/config.ts";
import type { SubjectResult } from "../../proof/proof-result.ts";
import type { CompiledSubject } from "../../verify/job/job.ts";
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
import { conformanceId } from "../adapter/machines.ts";
import { mergedCoverage } from "../image/module/coverage.ts";
import type { LayoutReport } from "../layout/check-layout.ts";
import type { CompiledUnit } from "../preparation/compile-unit.ts";
import type { MeasuredLayouts } from "../preparation/preparation.ts";
import { GATE_CONFIGURATIONS, gateConfig } from "../unit/configurations.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";
import { baseNotChecked } from "./base-not-checked.ts";
import { acceptedBy, unmatchedEntries } from "./baseline.ts";
import { changeNotChecked, changeReport, isCovered } from "./change.ts";
import type { GateImageResult } from "./explore-images.ts";
import type { ConfiguredBaseResult } from "./explore-units.ts";
import { findingsThatAre, STANDINGS } from "./finding-standing.ts";
import type { Finding } from "./findings.ts";
import type { ImageBaseResult } from "./image-base.ts";
import { ImageCoverage } from "./image-coverage.ts";
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

/** What a gate's report is made of. */
interface GateResult {
  readonly tree: string;
  /** As in the report. */
  readonly again: string;
  readonly options: GateOptionsReport;
  readonly units: readonly CompiledUnit[];
  readonly outcomes: readonly GateOutcome[];
  /** Also those about layouts. */
  readonly findings: readonly Finding[];
  /** Results of the base; absent without one. */
  readonly base?: readonly ConfiguredBaseResult[];
  readonly baseline: readonly BaselineEntry[];
  readonly layout?: MeasuredLayouts;
  /** What came of mm images; absent where none were asked for. */
  readonly image?: GateImageResult & {
    /** Why there is none of the tree, or none in some configurations. */
    readonly without: readonly NotChecked[];
    /** The text of a file of the tree. */
    readonly textOf: (file: string) => string | undefined;
  };
  /** What the proof of owner tracking came to. */
  readonly proof?: GateProofResult;
  readonly seconds: number;
}

const WITHOUT_IMAGE: NonNullable<GateResult["image"]> = {
  outcomes: [],
  findings: [],
  base: [],
  without: [imageNotExplored("not asked for")],
  textOf: () => undefined,
};

/** The report. */
export function gateReport(result: GateResult): GateReport {
  const { tree, again, options, outcomes, base, image = WITHOUT_IMAGE, seconds } = result;
  const allOutcomes = [...outcomes, ...image.outcomes];
  const runs = allOutcomes.map(({ report: { coverage: _, ...report } }) => report);
  const layout = result.layout?.own;
  const { subjects: proofs, notChecked: notProved } = result.proof ?? gateWithoutProof("not asked for");
  const findings = findingReports(result.findings, result.baseline);
  const functions = functionReports(result);
  const exceptions = exceptionsIn(runs);
  const units = result.units.map(({ fast: { unit } }) => unit);
  const coverage = mergedCoverage(image.outcomes.map(({ report }) => report.coverage ?? []));
  const change = changeReport(units, functions, layout, new ImageCoverage(coverage, image.textOf));
  const isNew = findingsThatAre("new", findings).length > 0;
  const isWhole = options.only === undefined && options.judge === undefined && layout !== undefined;
  const isExhausted = allOutcomes.every(isComplete);
  const isCoverageMissing = options.requireCoverage === true && change !== undefined && !isCovered(change);
  const configs = units.map(({ configuration }) => formatConfig(gateConfig(configuration)));
  const isDecidable = isWhole && isExhausted;
  const unmatched = unmatchedEntries(result.baseline, result.findings, wasChecked(configs, proofs));
  return {
    format: "foliocheck-report",
    version: REPORT_VERSION,
    command: "gate",
    verdict: isNew ? "violated" : isExhausted && !isCoverageMissing ? "holds" : "incomplete",
    profile: options.profile,
    tree,
    modelKernel: modelKernelOf(units),
    again,
    options,
    functions,
    ...(change === undefined ? {} : { change }),
    claims: claimReports(outcomes).map((claim) => withProof(claim, proofs)),
    ...(image.outcomes.length === 0
      ? {}
      : { image: { claims: imageClaimReports(image.outcomes), coverage, baseRuns: imageBaseRuns(image.base) } }),
    ...(proofs.length === 0 ? {} : { proofs }),
    ...(layout === undefined ? {} : { layout: layoutReports(layout) }),
    findings,
    signatureVersion: SIGNATURE_VERSION,
    ...(exceptions.length === 0 ? {} : { exceptions }),
    ...(base === undefined ? {} : { base: baseReport(base, image.base, result.layout) }),
    ...(isDecidable ? { unmatched } : {}),
    runs,
    states: sum(runs, ({ states }) => states),
    transitions: sum(runs, ({ transitions }) => transitions),
    seconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    notChecked: [
      ...(change === undefined ? [] : changeNotChecked(change)),
      ...(base === undefined ? [] : baseNotChecked(base, result.layout?.base, options)),
      ...(isDecidable || unmatched.length === 0
        ? []
        : [
            notChecked(
              "Whether every entry of the baseline still matches a finding",
              "only a whole gate that is complete tells",
            ),
          ]),
      ...gateNotChecked(units, outcomes, layout, options, image.outcomes),
      ...notProved,
      ...image.without,
      ...imageNotChecked(image.outcomes, coverage),
      ...imageBaseNotChecked(image.base, options),
    ],
  };
}

/**
 * Whether a gate of these configurations finds what there is in one: in theirs, and in those of layouts. What a proof
 * finds, where the proof leaves nothing unknown.
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

/** The claim with those of its properties that are proved in its configuration. */
function withProof(claim: GateClaimReport, proofs: readonly SubjectResult[]): GateClaimReport {
  const own = proofs.find((proof) => configsOf(proof).includes(claim.config));
  const proved = own?.claims.filter((property) => claimOf(property) === claim.id) ?? [];
  return proved.length === 0 ? claim : { ...claim, proved };
}

/** All configurations of a tree have the same. @throws RangeError when there is none */
function modelKernelOf(units: readonly TranslationUnit[]): GateKernelReport {
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
      const claims = judged(running).map((claim) => [claim.id, isFulfilled(claim.verdict)] as const);
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

/** Whether every run that looked at a property to the end visited every state. */
function isDecided(id: string, outcomes: readonly GateOutcome[]): boolean {
  return outcomes.every(
    ({ report, followed }) =>
      followed || report.properties.every((each) => each.id !== id || each.verdict !== "incomplete"),
  );
}

/** The claims, each in each configuration: by the runs of the C code alone. */
function claimReports(outcomes: readonly GateOutcome[]): GateClaimReport[] {
  const configs = [...new Set(outcomes.map(({ report }) => report.config))];
  return configs.flatMap((config) =>
    judged(outcomes.filter(({ report }) => report.config === config)).map((claim) => ({ ...claim, config })),
  );
}

/** What the runs of the C code alone say of the claims, in the order of the catalogue. */
function judged(outcomes: readonly GateOutcome[]): Omit<GateClaimReport, "config">[] {
  const alone = outcomes.filter(({ job }) => (job.compiled as CompiledSubject).mode === "claims");
  return CLAIMS.flatMap(({ id, claim }) => {
    const asking = alone
      .map(({ report, followed }) => ({
        states: report.states,
        verdicts: report.properties
          .filter((each) => claimOf(each.id) === id && !(followed && each.verdict === "incomplete"))
          .map(({ verdict }) => verdict),
      }))
      .filter(({ verdicts }) => verdicts.length > 0);
    const verdicts = asking.flatMap((each) => each.verdicts);
    const states = sum(asking, (each) => each.states);
    return verdicts.length === 0 ? [] : [{ id, claim, verdict: claimVerdict(verdicts), states }];
  });
}

/** The findings, each once, with its configurations and its shortest trace: new ones first, those of the base last. */
function findingReports(findings: readonly Finding[], baseline: readonly BaselineEntry[]): GateFindingReport[] {
  const reports = new Map<string, GateFindingReport>();
  const merged = new Map<string, Finding[]>();
  for (const finding of findings) {
    const accepted = acceptedBy(finding, baseline)?.reason;
    const isInBase = accepted === undefined && finding.inBase === true;
    const key = `${kindOf(finding)} ${accepted === undefined} ${isInBase}`;
    const known = reports.get(key);
    const { property, mode, claim, verdict, cause, trace } = finding;
    const all = [...(merged.get(key) ?? []), finding];
    merged.set(key, all);
    const isShorter = known?.trace && trace !== null && trace.steps.length < known.trace.steps.length;
    reports.set(key, {
      property,
      mode,
      claim,
      ...(finding.function === undefined ? {} : { function: finding.function }),
      verdict,
      ...(cause === undefined ? {} : { cause: known === undefined || isShorter ? cause : (known.cause ?? cause) }),
      signatures: [...new Set([...(known?.signatures ?? []), signatureOf(finding)])],
      configs: [...new Set([...(known?.configs ?? []), finding.config])],
      ...(finding.target === undefined ? {} : { targets: [...new Set([...(known?.targets ?? []), finding.target])] }),
      ...(finding.place === undefined ? {} : { place: finding.place }),
      ...optimisationsIn(all),
      ...(accepted === undefined ? {} : { accepted }),
      ...(isInBase ? { inBase: true } : {}),
      trace: known === undefined || isShorter ? trace : known.trace,
    });
  }
  return STANDINGS.flatMap((standing) => findingsThatAre(standing, [...reports.values()]));
}

function baseReport(
  base: readonly ConfiguredBaseResult[],
  images: readonly ImageBaseResult[],
  layouts: MeasuredLayouts | undefined,
): GateBaseReport {
  const runs = base.flatMap(({ outcomes }) => outcomes.map(({ report }) => report));
  const curedLayouts = layouts === undefined ? [] : curedLayoutFindings(layouts);
  return {
    same: base.flatMap((each) => (each.base?.kind === "same" ? [each.config] : [])),
    runs: runs.length,
    states: sum(runs, ({ states }) => states),
    transitions: sum(runs, ({ transitions }) => transitions),
    cured: findingReports([...[...base, ...images].flatMap(({ cured }) => cured), ...curedLayouts], []),
  };
}

function isFulfilled(verdict: Verdict): boolean {
  return verdict === "holds" || verdict === "reached";
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
