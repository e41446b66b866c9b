/**
 * Proof of owner tracking in a gate: the tree's C code for any number of MMs, in addition to the runs within bounds.
 */

import { type NotChecked, skipped } from "../../invariants/not-checked.ts";
import { formatConfig } from "../../model/kernel/config.ts";
import { CallStopped } from "../../proof/c/compiled-functions.ts";
import { type ProofModule, proofModule } from "../../proof/c/proof-module.ts";
import type { EnumerationBounds } from "../../proof/enumerate.ts";
import type { SubjectResult } from "../../proof/proof-result.ts";
import { proveTree } from "../../proof/prove.ts";
import type { PanelOptions } from "../../proof/solver/panel.ts";
import { CompileError } from "../compile/clang.ts";
import type { UnitCompiler } from "../compile/unit-compiler.ts";
import type { BaseUnit } from "../preparation/base-unit.ts";
import { gateConfig } from "../unit/configurations.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";
import type { Finding } from "./findings.ts";
import { configsOf, isWholeProof, proofFindings } from "./proof-findings.ts";
import { signatureOf } from "./signature.ts";

/** Bounds of the enumeration, smaller than those of `foliocheck prove` because the formulas cover every size. */
const BOUNDS: EnumerationBounds = { pages: 2, mappings: 2, others: 4 };

/** Options of the proof. */
export interface GateProofOptions extends PanelOptions {
  readonly compiler: UnitCompiler;
}

/** Results of the proofs. */
export interface GateProofResult {
  /** One for each distinct code. */
  readonly subjects: readonly SubjectResult[];
  readonly findings: readonly Finding[];
  /** Findings of the base that the tree does not have. */
  readonly cured: readonly Finding[];
  /** Configurations that are not proved, or not completely. */
  readonly notChecked: readonly NotChecked[];
}

/** A configuration to prove: its code, and the base's if it differs. */
interface Subject {
  readonly config: string;
  readonly module: ProofModule;
  readonly base: ProofModule | undefined;
}

type Preparation = Subject | { readonly config: string; readonly why: string };

/**
 * Proves the configurations with owner tracking, each distinct code once. Code equal to the base's is not proved. If it
 * differs, the base is also proved: findings of both are marked, and findings of the base alone are cured.
 *
 *
 * @param bases the base of each unit, in the order of the units; undefined without a base
 */
export async function proveUnits(
  units: readonly TranslationUnit[],
  bases: readonly (BaseUnit | undefined)[] | undefined,
  options: GateProofOptions,
): Promise<GateProofResult> {
  const preparations: Preparation[] = [];
  for (const [index, unit] of units.entries()) {
    if (unit.configuration.mmId) {
      preparations.push(await prepareProof(unit, bases?.[index], options));
    }
  }
  const skipped = preparations.flatMap((each) => ("why" in each ? [each] : []));
  const subjects: SubjectResult[] = [];
  const findings: Finding[] = [];
  const cured: Finding[] = [];
  for (const [first, ...same] of byCode(preparations.flatMap((each) => ("why" in each ? [] : [each])))) {
    const also = same.map(({ config }) => config);
    const result = await proveModule(first.module, also, options);
    if (result instanceof CallStopped) {
      skipped.push(...[first, ...same].map(({ config }) => ({ config, why: result.message })));
      continue;
    }
    const own = proofFindings(result);
    const base = first.base === undefined ? undefined : await proveModule(first.base, also, options);
    const ofBase = base === undefined || base instanceof CallStopped ? [] : proofFindings(base);
    const baseSignatures = ofBase.map(signatureOf);
    subjects.push(result);
    findings.push(
      ...own.map((each) => (baseSignatures.includes(signatureOf(each)) ? { ...each, inBase: true } : each)),
    );
    // An obligation that fails in another way is not cured, nor is one that the proof of the tree leaves unknown.
    cured.push(
      ...(isWholeProof(result) ? ofBase : []).filter(({ property }) => own.every((each) => each.property !== property)),
    );
  }
  return { subjects, findings, cured, notChecked: [...withoutProof(skipped), ...subjects.flatMap(openParts)] };
}

/** Returns the result of a gate without proofs. @param why the reason, as a main clause */
export function gateWithoutProof(why: string): GateProofResult {
  return { subjects: [], findings: [], cured: [], notChecked: [notProved(why)] };
}

async function prepareProof(
  unit: TranslationUnit,
  base: BaseUnit | undefined,
  { compiler, cacheFolder }: GateProofOptions,
): Promise<Preparation> {
  const config = formatConfig(gateConfig(unit.configuration));
  const same = { config, why: "the code is that of the base" };
  if (base?.kind === "same") {
    return same;
  }
  const module = await compileProof(unit, cacheFolder, compiler);
  if (module instanceof CompileError) {
    return { config, why: `the harness of the proof does not compile: ${module.reason}` };
  }
  const baseModule =
    base?.kind === "compiled" ? await compileProof(base.unit.fast.unit, cacheFolder, compiler) : undefined;
  if (baseModule === undefined || baseModule instanceof CompileError) {
    return { config, module, base: undefined };
  }
  return baseModule.digest === module.digest ? same : { config, module, base: baseModule };
}

async function compileProof(
  unit: TranslationUnit,
  cacheFolder: string | undefined,
  compiler: UnitCompiler,
): Promise<ProofModule | CompileError> {
  try {
    return await proofModule(unit, cacheFolder, compiler);
  } catch (error) {
    if (error instanceof CompileError) {
      return error;
    }
    throw error;
  }
}

/** Groups subjects with the same code and the same code of the base. */
function byCode(subjects: readonly Subject[]): (readonly [Subject, ...Subject[]])[] {
  const groups = new Map<string, [Subject, ...Subject[]]>();
  for (const each of subjects) {
    const key = `${each.module.digest} ${each.base?.digest}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [each]);
    } else {
      group.push(each);
    }
  }
  return [...groups.values()];
}

async function proveModule(
  module: ProofModule,
  also: readonly string[],
  { compiler: _, ...panel }: GateProofOptions,
): Promise<SubjectResult | CallStopped> {
  try {
    return await proveTree(module, {
      ...panel,
      also,
      ...(panel.solvers.length === 0 ? {} : { enumeration: { bounds: BOUNDS, evidence: false } }),
    });
  } catch (error) {
    if (error instanceof CallStopped) {
      return error;
    }
    throw error;
  }
}

function notProved(why: string, configs: readonly string[] = []): NotChecked {
  const where = configs.length === 0 ? "" : `, in ${configs.join(" and ")}`;
  return skipped(`Owner tracking for any number of MMs and every folio size (foliocheck prove)${where}`, why);
}

/** Reports the configurations without a proof, by reason. */
function withoutProof(skipped: readonly { readonly config: string; readonly why: string }[]): NotChecked[] {
  return [...new Set(skipped.map(({ why }) => why))].map((why) =>
    notProved(
      why,
      skipped.filter((each) => each.why === why).map(({ config }) => config),
    ),
  );
}

/** Reports the unknown obligations of a proof. */
function openParts(result: SubjectResult): NotChecked[] {
  const { formulas, withoutFormulas } = result;
  const unknown = (formulas?.obligations ?? []).filter(({ verdict }) => verdict === "unknown");
  const reasons = [...new Set(unknown.map(({ why }) => why ?? ""))].map((why) => {
    const names = unknown.filter((each) => (each.why ?? "") === why).map(({ from, to }) => `${from}: ${to}`);
    return `not known of ${names.join(", ")}: ${why}`;
  });
  const impossible = formulas?.notPossible ?? [];
  return [
    ...(withoutFormulas === undefined ? [] : [withoutFormulas]),
    ...reasons,
    ...(impossible.length === 0 ? [] : [`the assumptions are not known to be possible: ${impossible.join(", ")}`]),
  ].map((why) => notProved(why, configsOf(result)));
}
