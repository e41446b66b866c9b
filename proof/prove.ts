/** The proof of one kernel, of the model or the C of a tree: by enumeration, and by formulas. */
import { formatCall } from "../explore/model/model.ts";
import { gateConfig } from "../gate/unit/configurations.ts";
import { formatConfig } from "../model/kernel/config.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { warningName } from "../model/kernel/warnings.ts";
import { modelAccounting } from "./accounting/executed-accounting.ts";
import { runningAccounting } from "./c/compiled-accounting.ts";
import { compiledAccountingTerms } from "./c/compiled-accounting-terms.ts";
import { runningModule, siteOf } from "./c/compiled-functions.ts";
import { compiledTerms } from "./c/compiled-terms.ts";
import type { ProofModule } from "./c/proof-module.ts";
import type { CountingBounds } from "./counting-machine.ts";
import { type FailedAssertion, modelFunctions } from "./executed-functions.ts";
import { STRONG, WEAK } from "./invariant.ts";
import { modelAccountingTerms } from "./model/accounting-terms.ts";
import { modelTerms } from "./model/model-terms.ts";
import {
  type FormulaResult,
  type ObligationResult,
  type ProofVerdict,
  type Reachability,
  type SubjectResult,
  worstOf,
} from "./proof-result.ts";
import { type NamedKernel, type Provable, provableAccounting, provableTracking } from "./provable.ts";
import { type EnumerationOptions, proveByEnumeration, resultFor } from "./prove-by-enumeration.ts";
import { accountingSubject } from "./symbolic/accounting-subject.ts";
import { NotExecutable } from "./symbolic/not-executable.ts";
import { type FormulaOptions, proveByFormulas, type SymbolicSubject } from "./symbolic/prove-by-formulas.ts";
import { trackingSubject } from "./symbolic/tracking-subject.ts";
import type { Invariant, Topic } from "./theory.ts";

/**
 * The configurations of the model in which owner tracking is proved: in the third, a slot overflows within the bounds of the
 * enumeration. Without page mapcounts, accounting is proved as well.
 */
export const MODEL_CONFIGS: readonly string[] = [
  "64bit",
  "32bit",
  "32bit,mm-id-mapcount-max=1",
  "no-page-mapcount,64bit",
  "no-page-mapcount,32bit",
];

/** Why there are no formulas where no solver is given. */
const WITHOUT_SOLVER = "no SMT solver (z3 or cvc5) is on the PATH";

/** Why there are none about accounting where owner tracking is not proved. */
const WITHOUT_TRACKING = "owner tracking, on which it rests, is not proved";

/** Options of a proof of functions. */
export interface ProofOptions extends FormulaOptions {
  /** Options of the enumeration, where they differ from the defaults. */
  readonly enumeration?: EnumerationOptions;
}

/**
 * Proves owner tracking of a kernel of the model by enumeration alone: at small sizes.
 *
 * @param options where they are not the usual ones
 */
export function proveModel(kernel: Kernel, options?: EnumerationOptions): SubjectResult {
  return enumerated(provableTracking(modelKernel(kernel), modelFunctions(kernel)), options);
}

/**
 * Proves accounting of a kernel of the model without page mapcounts by enumeration alone: at small sizes. That its owner
 * tracking preserves the strong form of its invariant is not shown here.
 *
 * @param options where they are not the usual ones
 */
export function proveModelAccounting(kernel: Kernel, options?: EnumerationOptions): SubjectResult {
  return enumerated(provableAccounting(modelKernel(kernel), modelAccounting(kernel), STRONG), options);
}

function enumerated<T extends Topic>(provable: Provable<T>, options = provable.usual): SubjectResult {
  const { invariant, result } = proveByEnumeration(provable.enumerable, provable.forms, options);
  return subjectResult(provable, { invariant, enumeration: result });
}

/**
 * Proves owner tracking of a kernel of the model, by enumeration and by formulas about the text of its functions. Without a
 * solver by enumeration alone, which the result says.
 */
export async function proveModelForEverySize(kernel: Kernel, options: ProofOptions): Promise<SubjectResult> {
  if (options.solvers.length === 0) {
    return { ...proveModel(kernel, options.enumeration), withoutFormulas: WITHOUT_SOLVER };
  }
  const functions = modelFunctions(kernel);
  const symbolic = trackingSubject(() => modelTerms(kernel), functions, modelAssertion);
  return proved(provableTracking(modelKernel(kernel), functions), symbolic, options);
}

/**
 * Proves accounting of a kernel of the model without page mapcounts.
 *
 * @param tracking the proof of its owner tracking
 */
export async function proveModelAccountingForEverySize(
  kernel: Kernel,
  tracking: SubjectResult,
  options: ProofOptions,
): Promise<SubjectResult> {
  if (options.solvers.length === 0) {
    return { ...proveModelAccounting(kernel, options.enumeration), withoutFormulas: WITHOUT_SOLVER };
  }
  const functions = modelAccounting(kernel);
  const symbolic = accountingSubject(() => modelAccountingTerms(kernel), functions, modelAssertion);
  const provable = provableAccounting(modelKernel(kernel), functions, formOf(tracking));
  return tracking.verdict === "proved" ? proved(provable, symbolic, options) : withoutTracking(provable, options);
}

/** Whether accounting of a kernel can be proved: one without page mapcounts that counts PMD mappings. */
export function hasAccounting({ config, tracksEntireMapcount }: Kernel): boolean {
  return !config.pageMapcount && tracksEntireMapcount;
}

/** The form of the invariant that a proof of owner tracking is about. */
function formOf({ invariant }: SubjectResult): Invariant {
  return invariant === "weak" ? WEAK : STRONG;
}

/** Proves accounting by enumeration alone, where owner tracking is not proved. */
function withoutTracking(provable: Provable<"accounting">, { enumeration }: ProofOptions): SubjectResult {
  const how = enumeration ?? provable.usual;
  const { invariant, result } = proveByEnumeration(provable.enumerable, provable.forms, how);
  return subjectResult(provable, { invariant, enumeration: result, withoutFormulas: WITHOUT_TRACKING });
}

function modelKernel({ name, config }: Kernel): NamedKernel {
  return { subject: { kind: "model", kernel: name, config: formatConfig(config) }, config };
}

/** The assertion of the model with a number. */
function modelAssertion(code: number): FailedAssertion | undefined {
  const name = warningName(code);
  return name && { kind: "model", name };
}

/** Options of a proof of a tree. */
export interface TreeProofOptions extends ProofOptions {
  /** Configurations for which the compiler made the same module. */
  readonly also: readonly string[];
}

/**
 * Proves owner tracking of the C of a tree; without a solver by enumeration alone, which leaves it unknown.
 *
 * @throws CallStopped when a call does not end, or leaves the memory
 */
export async function proveTree(module: ProofModule, options: TreeProofOptions): Promise<SubjectResult> {
  const running = await runningModule(module);
  const symbolic = trackingSubject(
    () => compiledTerms(module),
    running,
    (site) => siteOf(module.unit, site),
  );
  return proved(provableTracking(treeKernel(module, options), running), symbolic, options);
}

/**
 * Proves accounting of the C of a tree without page mapcounts.
 *
 * @param module of the topic
 * @param tracking the proof of its owner tracking
 * @throws CallStopped when a call does not end, or leaves the memory
 */
export async function proveTreeAccounting(
  module: ProofModule,
  tracking: SubjectResult,
  options: TreeProofOptions,
): Promise<SubjectResult> {
  const running = await runningAccounting(module);
  const symbolic = accountingSubject(
    () => compiledAccountingTerms(module),
    running,
    (site) => siteOf(module.unit, site),
  );
  const provable = provableAccounting(treeKernel(module, options), running, formOf(tracking));
  return tracking.verdict === "proved" ? proved(provable, symbolic, options) : withoutTracking(provable, options);
}

function treeKernel({ configuration, digest }: ProofModule, { also }: TreeProofOptions): NamedKernel {
  const config = gateConfig(configuration);
  return { subject: { kind: "tree", config: formatConfig(config), digest, also }, config };
}

/**
 * Proves functions by enumeration and by formulas. Without formulas, what enumeration proves is not known for every
 * size.
 */
async function proved<T extends Topic>(
  provable: Provable<T>,
  symbolic: SymbolicSubject<T>,
  options: ProofOptions,
): Promise<SubjectResult> {
  const { enumerable, forms, usual } = provable;
  const how = options.enumeration ?? usual;
  const { invariant, result: enumeration } = proveByEnumeration(enumerable, forms, how);
  if (options.solvers.length === 0) {
    return subjectResult(provable, { invariant, enumeration, withoutFormulas: WITHOUT_SOLVER });
  }
  try {
    const form = await provedForm(symbolic, forms, invariant, options);
    return subjectResult(provable, {
      ...form,
      enumeration: form.invariant === invariant ? enumeration : resultFor(enumerable, form.invariant, how),
    });
  } catch (error) {
    if (!(error instanceof NotExecutable)) {
      throw error;
    }
    return subjectResult(provable, { invariant, enumeration, withoutFormulas: `the code has ${error.message}` });
  }
}

/** Evidence of a proof. */
interface Proof<T extends Topic> extends Pick<SubjectResult, "enumeration" | "formulas" | "withoutFormulas"> {
  readonly invariant: Invariant<T>;
}

function subjectResult<T extends Topic>(provable: Provable<T>, { invariant, ...proof }: Proof<T>): SubjectResult {
  const { topic, subject, claims } = provable;
  const { enumeration, formulas, withoutFormulas } = proof;
  const obligations = [...enumeration.obligations, ...(formulas?.obligations ?? [])];
  const worst = worstOf<ProofVerdict>([
    ...obligations.map((each) => each.verdict),
    // Assumptions that leave out what happens prove nothing.
    ...(formulas?.notPossible ?? []).map(() => "unknown" as const),
    ...(withoutFormulas === undefined ? [] : (["unknown"] as const)),
  ]);
  const refuted = obligations.filter((each) => each.verdict === "refuted");
  const reached = refuted.length > 0 ? reachability(provable, invariant, refuted) : undefined;
  const verdict = reached?.kind === "not reached" ? "not inductive" : worst;
  return {
    topic,
    subject,
    invariant: invariant.name,
    verdict,
    claims: verdict === "proved" ? claims : [],
    ...proof,
    ...(reached === undefined ? {} : { reachability: reached }),
  };
}

/** Proves one form of the invariant by formulas; where that is refuted a weaker one, if it can be proved. */
async function provedForm<T extends Topic>(
  symbolic: SymbolicSubject<T>,
  forms: readonly Invariant<T>[],
  invariant: Invariant<T>,
  options: FormulaOptions,
): Promise<{ readonly invariant: Invariant<T>; readonly formulas: FormulaResult }> {
  const formulas = await proveByFormulas(symbolic, invariant, options);
  const weaker = forms[forms.indexOf(invariant) + 1];
  if (weaker === undefined || !isPartOnly(formulas.obligations)) {
    return { invariant, formulas };
  }
  const weak = await proveByFormulas(symbolic, weaker, options);
  return weak.obligations.every(({ verdict }) => verdict === "proved")
    ? { invariant: weaker, formulas: weak }
    : { invariant, formulas };
}

/** Whether the only part of the invariant that is refuted is the one of which there is a weak form. */
function isPartOnly(obligations: readonly ObligationResult[]): boolean {
  const refuted = obligations.filter(({ verdict }) => verdict !== "proved");
  return refuted.length > 0 && refuted.every(({ to }) => to === "whole");
}

/**
 * Searches a failure from a fresh folio on: at small sizes, at the size of the kernel's own slots where these are 16
 * bits, and at the size of a counterexample that needs a larger folio.
 */
function reachability<T extends Topic>(
  { limits: { slotMax }, sizes, mms, mostPages, failure }: Provable<T>,
  invariant: Invariant<T>,
  refuted: readonly ObligationResult[],
): Reachability {
  const pages = Math.max(...sizes);
  const larger = refuted.flatMap(({ counterexample }) => counterexample?.nrPages ?? []).filter((size) => size > pages);
  const coarseSizes = [
    ...(larger.length === 0 ? [] : [Math.min(...larger)]),
    ...(slotMax >= pages && slotMax < 2 ** 16 ? [slotMax + 1] : []),
  ];
  const coarse = [...new Set(coarseSizes.filter((size) => size <= mostPages))].map(
    (size): CountingBounds => ({ pages: size, mms, mappings: 2 * size, coarse: true }),
  );
  const small = sizes.map((size): CountingBounds => ({ pages: size, mms, mappings: 4 }));
  const within: readonly CountingBounds[] = [...small, ...coarse];
  for (const bounds of within) {
    const found = failure(bounds, invariant);
    if (found !== undefined) {
      const calls = found.trace.steps.map(({ call }) => formatCall(call));
      return { kind: "reached", execution: { bounds, fails: found.fails, calls } };
    }
  }
  return { kind: "not reached", within };
}
