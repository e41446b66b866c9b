/** The proof of one kernel, of the model or the C of a tree: by enumeration, and by formulas. */
import { formatCall } from "../explore/model/model.ts";
import { gateConfig } from "../gate/unit/configurations.ts";
import { formatConfig, type KernelConfig } from "../model/kernel/config.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { warningName } from "../model/kernel/warnings.ts";
import { runningModule, siteOf } from "./c/compiled-functions.ts";
import { compiledTerms } from "./c/compiled-terms.ts";
import type { ProofModule } from "./c/proof-module.ts";
import type { CountingBounds } from "./counting-machine.ts";
import type { EnumerationBounds } from "./enumerate.ts";
import { type ExecutedFunctions, modelFunctions } from "./executed-functions.ts";
import { type Invariant, STRONG, WEAK } from "./invariant.ts";
import { modelTerms } from "./model/model-terms.ts";
import {
  type FormulaResult,
  type ObligationResult,
  type ProofSubject,
  type ProofVerdict,
  type Reachability,
  type SubjectResult,
  worstOf,
} from "./proof-result.ts";
import { type EnumerationOptions, proveByEnumeration, resultFor } from "./prove-by-enumeration.ts";
import { reachedFailure } from "./reachable.ts";
import { STATE_CLAIMS } from "./state-claims.ts";
import { NotExecutable } from "./symbolic/not-executable.ts";
import { type FormulaOptions, proveByFormulas, type SymbolicSubject } from "./symbolic/prove-by-formulas.ts";

/** With the kernel's own slots. */
const BOUNDS: EnumerationBounds = { pages: 4, mappings: 4, others: 8 };

/** With slots that overflow at the second mapping. */
const OVERFLOW_BOUNDS: EnumerationBounds = { pages: 2, mappings: 4, others: 8 };

/**
 * The configurations of the model that are proved: in the last, a slot overflows within the bounds of the enumeration.
 */
export const MODEL_CONFIGS: readonly string[] = ["64bit", "32bit", "32bit,mm-id-mapcount-max=1"];

function boundsFor({ slotMax }: ExecutedFunctions["limits"]): EnumerationBounds {
  return slotMax < BOUNDS.pages ? OVERFLOW_BOUNDS : BOUNDS;
}

function usualOptions({ limits }: ExecutedFunctions): EnumerationOptions {
  return { bounds: boundsFor(limits), evidence: true };
}

/** MMs by which a failure may be reached. */
const MMS = 3;

/** Why there are no formulas where no solver is given. */
const WITHOUT_SOLVER = "no SMT solver (z3 or cvc5) is on the PATH";

/** Options of a proof of functions. */
export interface ProofOptions extends FormulaOptions {
  /** Options of the enumeration, where they differ from the defaults. */
  readonly enumeration?: EnumerationOptions;
}

/**
 * Proves a kernel of the model by enumeration alone: at small sizes. @param options where they are not the usual ones
 */
export function proveModel(kernel: Kernel, options?: EnumerationOptions): SubjectResult {
  const functions = modelFunctions(kernel);
  const { invariant, result } = proveByEnumeration(functions, options ?? usualOptions(functions));
  return subjectResult({ ...modelSubject(kernel), functions }, { invariant, enumeration: result });
}

/**
 * Proves a kernel of the model, by enumeration and by formulas about the text of its functions. Without a solver by
 * enumeration alone, which the result says.
 */
export async function proveModelForEverySize(kernel: Kernel, options: ProofOptions): Promise<SubjectResult> {
  if (options.solvers.length === 0) {
    return { ...proveModel(kernel, options.enumeration), withoutFormulas: WITHOUT_SOLVER };
  }
  const functions = modelFunctions(kernel);
  const symbolic: SymbolicSubject = {
    terms: () => modelTerms(kernel),
    executed: functions,
    assertionOf: (site) => {
      const name = warningName(site);
      return name && { kind: "model", name };
    },
  };
  return proved({ ...modelSubject(kernel), functions }, symbolic, options);
}

/** A kernel to prove. */
interface Subject {
  readonly subject: ProofSubject;
  readonly config: KernelConfig;
  readonly functions: ExecutedFunctions;
}

function modelSubject({ name, config }: Kernel): Omit<Subject, "functions"> {
  return { subject: { kind: "model", kernel: name, config: formatConfig(config) }, config };
}

/** Options of a proof of a tree. */
export interface TreeProofOptions extends ProofOptions {
  /** Configurations for which the compiler made the same module. */
  readonly also: readonly string[];
}

/**
 * Proves the C functions of a tree; without a solver by enumeration alone, which leaves them unknown.
 *
 * @throws CallStopped when a call does not end, or leaves the memory
 */
export async function proveTree(module: ProofModule, options: TreeProofOptions): Promise<SubjectResult> {
  const config = gateConfig(module.configuration);
  const running = await runningModule(module);
  const symbolic: SymbolicSubject = {
    terms: () => compiledTerms(module),
    executed: running,
    assertionOf: (site) => siteOf(module.unit, site),
  };
  const subject = { kind: "tree", config: formatConfig(config), digest: module.digest, also: options.also } as const;
  return proved({ subject, config, functions: running }, symbolic, options);
}

/**
 * Proves functions by enumeration and by formulas. Without formulas, what enumeration proves is not known for every
 * size.
 */
async function proved(subject: Subject, symbolic: SymbolicSubject, options: ProofOptions): Promise<SubjectResult> {
  const { functions } = subject;
  const how = options.enumeration ?? usualOptions(functions);
  const { invariant, result: enumeration } = proveByEnumeration(functions, how);
  if (options.solvers.length === 0) {
    return subjectResult(subject, { invariant, enumeration, withoutFormulas: WITHOUT_SOLVER });
  }
  try {
    const forms = await provedForms(symbolic, invariant, options);
    return subjectResult(subject, {
      ...forms,
      enumeration: forms.invariant === invariant ? enumeration : resultFor(functions, forms.invariant, how),
    });
  } catch (error) {
    if (!(error instanceof NotExecutable)) {
      throw error;
    }
    return subjectResult(subject, { invariant, enumeration, withoutFormulas: `the code has ${error.message}` });
  }
}

/** Evidence of a proof. */
interface Proof extends Pick<SubjectResult, "enumeration" | "formulas" | "withoutFormulas"> {
  readonly invariant: Invariant;
}

function subjectResult({ subject, config, functions }: Subject, { invariant, ...proof }: Proof): SubjectResult {
  const { enumeration, formulas, withoutFormulas } = proof;
  const obligations = [...enumeration.obligations, ...(formulas?.obligations ?? [])];
  const worst = worstOf<ProofVerdict>([
    ...obligations.map((each) => each.verdict),
    // Assumptions that leave out what happens prove nothing.
    ...(formulas?.notPossible ?? []).map(() => "unknown" as const),
    ...(withoutFormulas === undefined ? [] : (["unknown"] as const)),
  ]);
  const refuted = obligations.filter((each) => each.verdict === "refuted");
  const reached = refuted.length > 0 ? reachability(functions, invariant, refuted) : undefined;
  const verdict = reached?.kind === "not reached" ? "not inductive" : worst;
  return {
    subject,
    invariant: invariant.name,
    verdict,
    claims: verdict === "proved" ? provableClaims(config) : [],
    ...proof,
    ...(reached === undefined ? {} : { reachability: reached }),
  };
}

/** Proves one form of the invariant by formulas; where that is refuted the weak form, if it can be proved. */
async function provedForms(
  symbolic: SymbolicSubject,
  invariant: Invariant,
  options: FormulaOptions,
): Promise<{ readonly invariant: Invariant; readonly formulas: FormulaResult }> {
  const formulas = await proveByFormulas(symbolic, invariant, options);
  if (invariant === WEAK || !isPartOnly(formulas.obligations)) {
    return { invariant, formulas };
  }
  const weak = await proveByFormulas(symbolic, WEAK, options);
  return weak.obligations.every(({ verdict }) => verdict === "proved")
    ? { invariant: WEAK, formulas: weak }
    : { invariant: STRONG, formulas };
}

/** Whether the only part of the invariant that is refuted is the one of which there is a weak form. */
function isPartOnly(obligations: readonly ObligationResult[]): boolean {
  const refuted = obligations.filter(({ verdict }) => verdict !== "proved");
  return refuted.length > 0 && refuted.every(({ to }) => to === "whole");
}

/** The claims that are proved with the invariant: C17 is about slots that overflow. */
export function provableClaims({ is64Bit }: KernelConfig): readonly string[] {
  const ids = [...STATE_CLAIMS.flatMap((claim) => claim.ids), "C5"];
  return ids.filter((id) => id !== "C17" || !is64Bit).sort((one, other) => numberIn(one) - numberIn(other));
}

/** The number of a claim: 6 of `C6.large-mapcount`. */
function numberIn(id: string): number {
  return Number.parseInt(id.slice(1), 10);
}

/**
 * Searches a failure from a fresh folio on: at small sizes, at the size of the kernel's own slots where these are 16
 * bits, and at the size of a counterexample that needs a larger folio.
 */
function reachability(
  functions: ExecutedFunctions,
  invariant: Invariant,
  refuted: readonly ObligationResult[],
): Reachability {
  const { slotMax } = functions.limits;
  const { pages, mappings } = boundsFor(functions.limits);
  const larger = refuted.flatMap(({ counterexample }) => counterexample?.nrPages ?? []).filter((size) => size > pages);
  const sizes = [
    ...(larger.length === 0 ? [] : [Math.min(...larger)]),
    ...(slotMax >= pages && slotMax < 2 ** 16 ? [slotMax + 1] : []),
  ];
  const coarse = [...new Set(sizes)].map(
    (size): CountingBounds => ({ pages: size, mms: MMS, mappings: 2 * size, coarse: true }),
  );
  const within: readonly CountingBounds[] = [{ pages, mms: MMS, mappings }, ...coarse];
  for (const bounds of within) {
    const found = reachedFailure(functions, bounds, invariant);
    if (found !== undefined) {
      const calls = found.trace.steps.map(({ call }) => formatCall(call));
      return { kind: "reached", execution: { bounds, fails: found.fails, calls } };
    }
  }
  return { kind: "not reached", within };
}
