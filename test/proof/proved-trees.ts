/** Proofs of trees for tests: with the first solver that is installed. */

import { extractUnits } from "../../gate/preparation/extract-units.ts";
import type { GateConfiguration } from "../../gate/tree/configuration.ts";
import type { TranslationUnit } from "../../gate/unit/translation-unit.ts";
import { proofModule } from "../../proof/c/proof-module.ts";
import type { SubjectResult } from "../../proof/proof-result.ts";
import { proveTree, proveTreeAccounting, type TreeProofOptions } from "../../proof/prove.ts";
import { SOLVERS, type Solver, solverNamed } from "../../proof/solver/solver.ts";
import { testCacheFolder } from "../gate/cache-folder.ts";

/** Undefined where none is installed: then trees are not proved. */
export const solver: Solver | undefined = SOLVERS.map(solverNamed).find((each) => each !== undefined);

/** Proves owner tracking of a tree in a configuration. */
export async function provedTree(tree: string, configuration: GateConfiguration): Promise<SubjectResult> {
  const { unit, options } = await unitOf(tree, configuration);
  return proveTree(await proofModule(unit, testCacheFolder), options);
}

/** Proves owner tracking and accounting of a tree in a configuration. @returns the proof of accounting */
export async function provedAccounting(tree: string, configuration: GateConfiguration): Promise<SubjectResult> {
  const { unit, options } = await unitOf(tree, configuration);
  const tracking = await proveTree(await proofModule(unit, testCacheFolder), {
    ...options,
    enumeration: { bounds: { pages: 2, mappings: 2, others: 2 }, evidence: false },
  });
  return proveTreeAccounting(await proofModule(unit, testCacheFolder, undefined, "accounting"), tracking, {
    ...options,
    enumeration: { bounds: { pages: 4, mappings: 1, others: 1 }, evidence: false },
  });
}

async function unitOf(
  tree: string,
  configuration: GateConfiguration,
): Promise<{ readonly unit: TranslationUnit; readonly options: TreeProofOptions }> {
  const [unit] = await extractUnits({ tree, configurations: [configuration] });
  if (unit === undefined || solver === undefined) {
    throw new Error("no unit, or no solver");
  }
  const options = { solvers: [solver], timeout: 120, workers: 2, also: [], cacheFolder: testCacheFolder };
  return { unit, options };
}

/** Names of the obligations about the code that are refuted, and of those that are not known. */
export function failuresOf({ formulas }: SubjectResult): { readonly refuted: string[]; readonly unknown: string[] } {
  const named = (verdict: string): string[] =>
    (formulas?.obligations ?? []).filter((each) => each.verdict === verdict).map(({ from, to }) => `${from}: ${to}`);
  return { refuted: named("refuted"), unknown: named("unknown") };
}
