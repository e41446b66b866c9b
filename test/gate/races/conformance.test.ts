import { expect, test } from "vitest";
import { baseKernel } from "../../../gate/base-kernel.ts";
import type { KernelUnit } from "../../../gate/compiled-kernel.ts";
import { configurationOf } from "../../../gate/configurations.ts";
import { accessDifferences, describeDifference } from "../../../gate/races/compare-accesses.ts";
import { racingKernel } from "../../../gate/races/racing-kernel.ts";
import { compileThreads } from "../../../gate/races/thread-module.ts";
import { extractUnits } from "../../../gate/source/extract-units.ts";
import { threadKernel } from "../../../model/race/thread-kernel.ts";
import { Warnings } from "../../../model/kernel/warnings.ts";
import { fixedRaceField } from "../../../model/race/race-world.ts";
import { PATH, type Shared } from "../../../races/shared-object.ts";
import { testCacheFolder } from "../cache-folder.ts";
import { racingMemory } from "./access-log.ts";
import { isPossible, mayRun, randomMachine, THREAD_OPERATIONS } from "./operations.ts";

const TREE = process.env["FOLIOCHECK_KERNEL_TREE"];

test.skipIf(TREE === undefined).each(["page-mapcount,64bit,mm-id", "no-page-mapcount,64bit,mm-id"])("%s", async (words) => {
  const configuration = configurationOf(words);
  const [unit] = (await extractUnits({ tree: TREE as string, configurations: [configuration] })) as [KernelUnit];
  const bounds = { cpus: 2, pages: 4, mms: 3, pmd: 1, holders: 1 };
  const { cells, port, shared, taken, setState } = racingMemory(bounds);
  const fixed = fixedRaceField(bounds);
  const base = { ...baseKernel(unit), warnings: new Warnings() };
  const { kernel, setPort } = racingKernel(await compileThreads(unit, "exact", testCacheFolder), {
    base,
    index: {
      cell: (path) => {
        if (fixed(path) !== undefined) {
          throw new RangeError(path);
        }
        return cells.cell(path);
      },
    },
    pathOf: (object) => (object as Shared)[PATH],
  });
  setPort(port);
  const model = threadKernel(base, { port, cells });
  const found = new Map<string, { count: number; operations: Set<string> }>();
  for (let seed = 1; seed < 200; seed++) {
    for (const operation of THREAD_OPERATIONS) {
      const machine = randomMachine(seed, { nrPages: 4, hpagePmdNr: 4, anon: true }, configuration, true);
      const folio = machine.folios[0]!;
      if (!isPossible(operation, folio) || !mayRun(operation, machine) || /file/.test(operation.name)) {
        continue;
      }
      if (folio.swapcache) {
        continue;
      }
      const run = (each: typeof kernel): readonly [unknown, string, ReturnType<typeof taken>] => {
        const state = JSON.parse(JSON.stringify(machine));
        setState(state);
        taken();
        const result = operation.run(each, shared, shared.folios[0]!, shared.mms[0]!, shared.mms[1]!);
        return [result, JSON.stringify(state), taken()];
      };
      const [modelResult, modelState, modelLog] = run(model);
      const [result, state, log] = run(kernel);
      expect({ name: operation.name, before: JSON.stringify(folio), result, ...JSON.parse(state).folios[0], stats: JSON.parse(state).stats }).toEqual({ name: operation.name, before: JSON.stringify(folio), result: modelResult, ...JSON.parse(modelState).folios[0], stats: JSON.parse(modelState).stats });
      for (const difference of accessDifferences(log, modelLog, (cell) => cells.all[cell]!.path)) {
        const { position: _, ...rest } = difference;
        const key = describeDifference({ ...rest, position: 0 });
        const entry = found.get(key) ?? { count: 0, operations: new Set<string>() };
        found.set(key, entry);
        entry.count++;
        entry.operations.add(operation.name);
      }
    }
  }
  console.log([...found].map(([key, { count, operations }]) => `${count} ${key} [${[...operations].slice(0,3).join(", ")}${operations.size>3?`, +${operations.size-3}`:""}]`).sort().join("\n"));
});
