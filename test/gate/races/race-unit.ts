/** The test kernel on machine race. */
import type { Optimisation } from "../../../gate/compile/clang.ts";
import type { CompiledUnit } from "../../../gate/preparation/compile-unit.ts";
import { compileThreads, type ThreadModule } from "../../../gate/races/thread-module.ts";
import { configurationOf, gateConfig } from "../../../gate/unit/configurations.ts";
import type { TranslationUnit } from "../../../gate/unit/translation-unit.ts";
import type { Bounds } from "../../../machines/machine.ts";
import { formatConfig } from "../../../model/kernel/config.ts";
import type { RaceCalls } from "../../../model/race/race-calls.ts";
import type { CompiledSubject } from "../../../verify/job/job.ts";
import { boundsWithin, machineNamed } from "../../../verify/job/job.ts";
import type { PropertyReport, RunReport } from "../../../verify/report/report.ts";
import { runJob } from "../../../verify/run.ts";
import { testCacheFolder } from "../cache-folder.ts";
import { type Edit, ownUnit } from "../own-tree.ts";

/** @param edits changes to the test kernel */
export async function raceUnit(
  config: string,
  edits: readonly Edit[] = [],
  optimisations: readonly Optimisation[] = ["-O0"],
): Promise<CompiledUnit> {
  return threadsOnly(await ownUnit(configurationOf(config), edits), optimisations);
}

/** A unit of which only the module for machine race is compiled. */
export async function threadsOnly(
  unit: TranslationUnit,
  optimisations: readonly Optimisation[] = ["-O0"],
): Promise<CompiledUnit> {
  const threads = await Promise.all(
    optimisations.map((optimisation) => compileThreads(unit, optimisation, testCacheFolder)),
  );
  const [{ module, digest }] = threads as [ThreadModule];
  const unused = { unit, module, digest };
  return {
    fast: unused,
    tracing: unused,
    threads: Object.fromEntries(threads.map((each) => [each.optimisation, each])),
  };
}

/** Explores machine race. @param calls fixed calls; all operations if absent */
export function exploreRace(
  unit: CompiledUnit,
  bounds: Bounds,
  { calls, known = [] }: { readonly calls?: RaceCalls; readonly known?: NonNullable<CompiledSubject["known"]> } = {},
): RunReport {
  return runJob({
    machine: "race",
    kernel: "tree",
    config: formatConfig(gateConfig(unit.fast.unit.configuration)),
    bounds: boundsWithin(machineNamed("race"), bounds),
    optimisation: "-O0",
    ...(calls === undefined ? {} : { calls }),
    symmetry: calls === undefined,
    budget: {},
    compiled: { unit, mode: "claims", leftOut: [], known },
  });
}

/** Returns the properties that a run violates. */
export function violatedIn({ properties }: RunReport): PropertyReport[] {
  return properties.filter(({ verdict }) => verdict === "violated");
}
