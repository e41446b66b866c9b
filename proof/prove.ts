/** The proof of one kernel: of the model's by enumeration, of a tree's C by enumeration and by formulas. */
import { formatCall } from "../explore/model/model.ts";
import { gateConfig } from "../gate/unit/configurations.ts";
import { formatConfig, type KernelConfig } from "../model/kernel/config.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { runningModule } from "./c/compiled-functions.ts";
import type { ProofModule } from "./c/proof-module.ts";
import type { CountingBounds } from "./counting-machine.ts";
import type { EnumerationBounds } from "./enumerate.ts";
import { type ExecutedFunctions, modelFunctions } from "./executed-functions.ts";
import { type Invariant, STRONG, WEAK } from "./invariant.ts";
import {
  type FormulaResult,
  type ObligationResult,
  type ProofVerdict,
  type Reachability,
  type SubjectResult,
  worstOf,
} from "./proof-result.ts";
import { type EnumerationOptions, proveByEnumeration, resultFor } from "./prove-by-enumeration.ts";
import { reachedFailure } from "./reachable.ts";
import { STATE_CLAIMS } from "./state-claims.ts";
import { type FormulaOptions, proveByFormulas } from "./symbolic/prove-by-formulas.ts";
import { NotExecutable } from "./symbolic/wasm-module.ts";

/** With the kernel's own slots. */
const BOUNDS: EnumerationBounds = { pages: 4, mappings: 4, others: 8 };

/** With slots that overflow at the second mapping. */
const OVERFLOW_BOUNDS: EnumerationBounds = { pages: 2, mappings: 4, others: 8 };

/** The configurations of the model that are proved: in the second, a slot overflows within the bounds. */
export const MODEL_CONFIGS: readonly string[] = ["64bit", "32bit,mm-id-mapcount-max=1"];

function boundsFor({ slotMax }: ExecutedFunctions["limits"]): EnumerationBounds {
  return slotMax < BOUNDS.pages ? OVERFLOW_BOUNDS : BOUNDS;
}

function usualOptions({ limits }: ExecutedFunctions): EnumerationOptions {
  return { bounds: boundsFor(limits), evidence: true };
}

/** MMs by which a failure may be reached. */
const MMS = 3;

/** Proves a kernel of the model. @param options of the enumeration, where they are not the usual ones */
export function proveModel(kernel: Kernel, options?: EnumerationOptions): SubjectResult {
  const functions = modelFunctions(kernel);
  const { invariant, result } = proveByEnumeration(functions, options ?? usualOptions(functions));
  const subject = { kind: "model", kernel: kernel.name, config: formatConfig(kernel.config) } as const;
  const verdict = worstOf(result.obligations.map((each) => each.verdict));
  return {
    subject,
    invariant: invariant.name,
    verdict,
    claims: verdict === "proved" ? provableClaims(kernel.config) : [],
    enumeration: result,
    ...(verdict === "refuted" ? { reachability: reachability(functions, invariant) } : {}),
  };
}

/** How a tree is proved. */
export interface TreeProofOptions extends FormulaOptions {
  /** Configurations for which the compiler made the same module. */
  readonly also: readonly string[];
  /** How states are enumerated, where not as usual. */
  readonly enumeration?: EnumerationOptions;
}

/** Why there are no formulas where no solver is given. */
const WITHOUT_SOLVER = "no SMT solver (z3 or cvc5) is on the PATH";

/**
 * Proves the C functions of a tree; without a solver by enumeration alone, which leaves them unknown.
 *
 * @throws CallStopped when a call does not end, or leaves the memory
 */
export async function proveTree(module: ProofModule, options: TreeProofOptions): Promise<SubjectResult> {
  const config = gateConfig(module.configuration);
  const running = await runningModule(module);
  const how = options.enumeration ?? usualOptions(running);
  const byEnumeration = proveByEnumeration(running, how);
  const common = {
    subject: { kind: "tree", config: formatConfig(config), digest: module.digest, also: options.also },
  } as const;
  const enumerated = worstOf(byEnumeration.result.obligations.map(({ verdict }) => verdict));
  const withoutFormulas = (why: string): SubjectResult => ({
    ...common,
    invariant: byEnumeration.invariant.name,
    verdict: enumerated === "proved" ? "unknown" : enumerated,
    claims: [],
    enumeration: byEnumeration.result,
    withoutFormulas: why,
    ...(enumerated === "refuted" ? { reachability: reachability(running, byEnumeration.invariant) } : {}),
  });
  if (options.solvers.length === 0) {
    return withoutFormulas(WITHOUT_SOLVER);
  }
  try {
    const { invariant, formulas } = await provedForms(module, running, byEnumeration.invariant, options);
    const enumeration =
      invariant === byEnumeration.invariant ? byEnumeration.result : resultFor(running, invariant, how);
    const verdict = worstOf([
      ...[...enumeration.obligations, ...formulas.obligations].map((each) => each.verdict),
      // Assumptions that leave out what happens prove nothing.
      ...formulas.notPossible.map((): ProofVerdict => "unknown"),
    ]);
    return {
      ...common,
      invariant: invariant.name,
      verdict,
      claims: verdict === "proved" ? provableClaims(config) : [],
      enumeration,
      formulas,
      ...(verdict === "refuted" ? { reachability: reachability(running, invariant) } : {}),
    };
  } catch (error) {
    if (!(error instanceof NotExecutable)) {
      throw error;
    }
    return withoutFormulas(`the compiled code has ${error.message}`);
  }
}

/** Proves one form of the invariant by formulas; where that is refuted the weak form, if it can be proved. */
async function provedForms(
  module: ProofModule,
  running: Awaited<ReturnType<typeof runningModule>>,
  invariant: Invariant,
  options: FormulaOptions,
): Promise<{ readonly invariant: Invariant; readonly formulas: FormulaResult }> {
  const formulas = await proveByFormulas(module, running, invariant, options);
  if (invariant === WEAK || !isPartOnly(formulas.obligations)) {
    return { invariant, formulas };
  }
  const weak = await proveByFormulas(module, running, WEAK, options);
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

/** Searches a failure from a fresh folio on. */
function reachability(functions: ExecutedFunctions, invariant: Invariant): Reachability {
  const { slotMax } = functions.limits;
  const { pages, mappings } = boundsFor(functions.limits);
  const within: CountingBounds[] = [{ pages, mms: MMS, mappings }];
  if (slotMax >= pages && slotMax < 2 ** 16) {
    within.push({ pages: slotMax + 1, mms: MMS, mappings: 2 * (slotMax + 1), coarse: true });
  }
  for (const bounds of within) {
    const found = reachedFailure(functions, bounds, invariant);
    if (found !== undefined) {
      const calls = found.trace.steps.map(({ call }) => formatCall(call));
      return { kind: "reached", execution: { bounds, fails: found.fails, calls } };
    }
  }
  return { kind: "not reached", within };
}
