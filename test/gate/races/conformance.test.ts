/**
 * On a kernel source tree: `FOLIOCHECK_KERNEL_TREE=/path/to/linux npx vitest run test/gate/races`. The test kernel is
 * written differently from Linux, and has other accesses.
 */
import { describe, expect, test } from "vitest";
import { at } from "../../../explore/model/schema.ts";
import { baseKernel } from "../../../gate/adapter/base-kernel.ts";
import { extractUnits } from "../../../gate/preparation/extract-units.ts";
import { racingKernel } from "../../../gate/races/racing-kernel.ts";
import { ThreadFaults } from "../../../gate/races/thread-faults.ts";
import { cellsOfThreads } from "../../../gate/races/thread-functions.ts";
import { compileThreads } from "../../../gate/races/thread-module.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import type { TranslationUnit } from "../../../gate/unit/translation-unit.ts";
import type { Kernel } from "../../../model/kernel/kernel.ts";
import { Warnings } from "../../../model/kernel/warnings.ts";
import { fixedRaceField } from "../../../model/race/race-world.ts";
import { threadKernel } from "../../../model/race/thread-kernel.ts";
import type { Access } from "../../../races/access.ts";
import { PATH, type Shared } from "../../../races/shared-object.ts";
import { testCacheFolder } from "../cache-folder.ts";
import { racingMemory } from "./access-log.ts";
import { accessDifferences, describeDifference, KNOWN_DIFFERENCES, knownDifference } from "./compare-accesses.ts";
import { isPossible, mayRun, type Operation, randomMachine, runOperation, THREAD_OPERATIONS } from "./operations.ts";

const TREE = process.env["FOLIOCHECK_KERNEL_TREE"];
const BOUNDS = { cpus: 2, pages: 4, mms: 3, pmd: 1, stats: 1 };
const MACHINES = 200;

/** Operations on anon folios. */
const OPERATIONS = THREAD_OPERATIONS.filter(({ name }) => !name.includes("file"));

describe.skipIf(TREE === undefined)("a kernel tree (FOLIOCHECK_KERNEL_TREE)", () => {
  test.each(["page-mapcount,64bit,mm-id", "no-page-mapcount,64bit,mm-id"])(
    "%s: makes the model's accesses, but for known differences",
    async (words) => {
      const configuration = configurationOf(words);
      const [unit] = (await extractUnits({ tree: TREE ?? "", configurations: [configuration] })) as [TranslationUnit];
      const memory = racingMemory(BOUNDS);
      const { cells, port, shared } = memory;
      const fixed = fixedRaceField(BOUNDS);
      const base = { ...baseKernel(unit), warnings: new Warnings() };
      const compiled = racingKernel(await compileThreads(unit, "-O0", testCacheFolder), {
        base,
        index: cellsOfThreads({ cells, fixed }),
        rangeOf: (path) => cells.rangeOf(path),
        pathOf: (object) => (object as Shared)[PATH],
        faults: new ThreadFaults(),
      });
      compiled.setPort(port);
      const model = threadKernel(base, { port, cells, fixed });
      const run = (
        kernel: Kernel,
        operation: Operation,
        machine: object,
      ): { left: unknown; log: ReturnType<typeof memory.taken> } => {
        const state = structuredClone(machine);
        memory.setState(state);
        const result = runOperation(operation, kernel, shared);
        return { left: { result, state }, log: memory.taken() };
      };
      const unknown = new Set<string>();
      const used = new Set<object>();
      let compared = 0;
      for (let seed = 1; seed <= MACHINES; seed++) {
        const machine = randomMachine(seed, { nrPages: 4, hpagePmdNr: 4, anon: true }, configuration, true);
        const folio = at(machine.folios, 0);
        for (const operation of OPERATIONS) {
          if (folio.swapcache || !isPossible(operation, folio) || !mayRun(operation, machine)) {
            continue;
          }
          compared++;
          const state = { ...machine, folios: [{ ...folio, largeMapcountLock: false, splitQueueLock: false }] };
          const [ofModel, ofTree] = [run(model, operation, state), run(compiled.kernel, operation, state)];
          expect({ operation: operation.name, ...ofTree }.left).toEqual(ofModel.left);
          for (const difference of accessDifferences(ofTree.log, ofModel.log, (cell) => cells.all[cell]?.path ?? "")) {
            const known = knownDifference(difference);
            if (known === undefined) {
              unknown.add(`${operation.name}: ${describeDifference(difference)}`);
            } else {
              used.add(known);
            }
          }
        }
      }
      expect([...unknown]).toEqual([]);
      expect(used.size).toBe(KNOWN_DIFFERENCES.length);
      expect(compared).toBeGreaterThan(1_000);
    },
  );
});

describe("accesses of C code and model", () => {
  const access = (given: Partial<Access>): { access: Access; functions: string[] } => ({
    access: {
      ...{ kind: "load", cells: [1], object: "", marked: true, order: "relaxed", text: "", perform: () => 0 },
      ...given,
    },
    functions: ["outer", "inner"],
  });
  const nameOf = (cell: number): string => `cell ${cell}`;

  test("correspond if they are the same one by one", () => {
    const log = [access({}), access({ kind: "store", cells: [2] })];
    expect(accessDifferences(log, log, nameOf)).toEqual([]);
  });

  test("correspond if the word of C has additional fields, and for set_bit()", () => {
    const model = [access({}), access({ kind: "store" })];
    expect(accessDifferences([access({ cells: [3, 1] }), access({ kind: "rmw" })], model, nameOf)).toEqual([]);
  });

  test("differ by their order, marking, memory order and cells", () => {
    const two = [access({}), access({ kind: "store", cells: [2] })];
    expect(accessDifferences([...two].reverse(), two, nameOf).length).toBe(2);
    for (const other of [{ marked: false }, { order: "acquire" }, { cells: [2] }, { kind: "store" }] as const) {
      expect(accessDifferences([access(other)], [access({})], nameOf).length).toBe(2);
    }
  });

  test("are reported with side, position, function and line if they differ", () => {
    const compiled = [access({}), access({ cells: [2], marked: false, place: { file: "mm/rmap.c", line: 7 } })];
    expect(accessDifferences(compiled, [access({})], nameOf)).toEqual([
      { side: "C", position: 1, function: "inner", access: "plain load cell 2", place: { file: "mm/rmap.c", line: 7 } },
    ]);
    expect(accessDifferences([], [access({})], nameOf).map(describeDifference)).toEqual([
      "access 0 of the model, in inner(), is none of the C code: marked load cell 1",
    ]);
  });
});
