/** Proofs of trees for tests: with the first solver that is installed. */

import { extractUnits } from "../../gate/preparation/extract-units.ts";
import type { GateConfiguration } from "../../gate/tree/configuration.ts";
import { proofModule } from "../../proof/c/proof-module.ts";
import type { SubjectResult } from "../../proof/proof-result.ts";
import { proveTree } from "../../proof/prove.ts";
import { SOLVERS, type Solver, solverNamed } from "../../proof/solver/solver.ts";
import { testCacheFolder } from "../gate/cache-folder.ts";

/** Undefined where none is installed: then trees are not proved. */
export const solver: Solver | undefined = SOLVERS.map(solverNamed).find((each) => each !== undefined);

/** Proves a tree in a configuration. */
export async function provedTree(tree: string, configuration: GateConfiguration): Promise<SubjectResult> {
  const [unit] = await extractUnits({ tree, configurations: [configuration] });
  if (unit === undefined || solver === undefined) {
    throw new Error("no unit, or no solver");
  }
  const module = await proofModule(unit, testCacheFolder);
  return proveTree(module, { solvers: [solver], timeout: 120, workers: 2, also: [], cacheFolder: testCacheFolder });
}

/** Names of the obligations about the code that are refuted, and of those that are not known. */
export function failuresOf({ formulas }: SubjectResult): { readonly refuted: string[]; readonly unknown: string[] } {
  const named = (verdict: string): string[] =>
    (formulas?.obligations ?? []).filter((each) => each.verdict === verdict).map(({ from, to }) => `${from}: ${to}`);
  return { refuted: named("refuted"), unknown: named("unknown") };
}
