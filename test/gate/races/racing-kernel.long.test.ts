import { beforeAll, describe, expect, test } from "vitest";
import { at } from "../../../explore/model/schema.ts";
import { baseKernel } from "../../../gate/adapter/base-kernel.ts";
import { argumentOf } from "../../../gate/adapter/calls.ts";
import { compiledFunctions } from "../../../gate/adapter/compiled-functions.ts";
import { packFolio, unpackFolio } from "../../../gate/adapter/exchange-buffer.ts";
import { type Instance, instantiate } from "../../../gate/adapter/instance.ts";
import { codeOfSite } from "../../../gate/adapter/warning-codes.ts";
import type { Optimisation } from "../../../gate/compile/clang.ts";
import { BufferField } from "../../../gate/harness/harness.ts";
import { compileUnit } from "../../../gate/preparation/compile-unit.ts";
import { extractUnits } from "../../../gate/preparation/extract-units.ts";
import { racingKernel } from "../../../gate/races/racing-kernel.ts";
import { ThreadFaults } from "../../../gate/races/thread-faults.ts";
import { compileThreads } from "../../../gate/races/thread-module.ts";
import { configurationOf, GATE_CONFIGURATIONS } from "../../../gate/unit/configurations.ts";
import type { TranslationUnit } from "../../../gate/unit/translation-unit.ts";
import { type LoggedKernel, withLog } from "../../model/logged-kernel.ts";
import { testCacheFolder } from "../cache-folder.ts";
import { ownUnit } from "../own-tree.ts";
import { cellMachine, plain, SequentialPort } from "./cell-array.ts";
import { type FolioKind, isPossible, randomMachine, runOperation, THREAD_OPERATIONS } from "./operations.ts";

const TREE = process.env["FOLIOCHECK_KERNEL_TREE"];

const KINDS: readonly FolioKind[] = [
  { nrPages: 1, hpagePmdNr: 4, anon: true },
  { nrPages: 2, hpagePmdNr: 4, anon: true },
  { nrPages: 4, hpagePmdNr: 4, anon: true },
  { nrPages: 4, hpagePmdNr: 0, anon: true },
  { nrPages: 4, hpagePmdNr: 4, anon: false },
];

const MACHINES = 15;

/** Configurations: both word sizes and both ways to count pages. Without cache, compilation takes most of the time. */
const OPTIMISED = ["page-mapcount,64bit,mm-id", "no-page-mapcount,32bit,mm-id"];

const CONFIGURATIONS: readonly [string, Optimisation][] = [
  ...GATE_CONFIGURATIONS.map((words): [string, Optimisation] => [words, "-O0"]),
  ...OPTIMISED.map((words): [string, Optimisation] => [words, "-O2"]),
];

async function unitOf(words: string): Promise<TranslationUnit> {
  const configuration = configurationOf(words);
  if (TREE === undefined) {
    return ownUnit(configuration);
  }
  const [unit] = await extractUnits({ tree: TREE, configurations: [configuration] });
  return unit as TranslationUnit;
}

/** Sorts keys: the fields of a folio have no order. */
function text(value: object): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}

/** A kernel whose C code runs atomically. Reuse as well: outside of a write fault, the gate only queries its result. */
function wholeCalls(instance: Instance): LoggedKernel {
  const { kernel, warnings } = compiledFunctions(instance, "claims");
  const { exchange, room } = instance;
  const reuse = instance.operations["__wp_can_reuse_large_anon_folio"];
  return {
    ...kernel,
    warnings,
    ...(reuse !== undefined && {
      wpCanReuseLargeAnonFolio: (machine, folio, mm) => {
        const swapUnused = folio.swapcache && !kernel.folioSwapped(machine, folio);
        packFolio(exchange, folio, room);
        const result = reuse(argumentOf(mm), swapUnused ? 1 : 0);
        unpackFolio(exchange, folio, room);
        const warning = exchange[BufferField.warning] as number;
        warnings.first = warning === 0 ? 0 : codeOfSite(warning);
        return result !== 0;
      },
    }),
  };
}

const units = new Map<string, TranslationUnit>();

beforeAll(async () => {
  for (const words of GATE_CONFIGURATIONS) {
    units.set(words, await unitOf(words));
  }
});

describe("C code that is executed in single accesses, without another thread, has the effects of atomic execution", () => {
  test.each(CONFIGURATIONS)("%s, %s", async (words, optimisation) => {
    const unit = units.get(words) as TranslationUnit;
    const whole = wholeCalls(instantiate((await compileUnit(unit, testCacheFolder)).fast));
    const module = await compileThreads(unit, optimisation, testCacheFolder);
    const { configuration } = unit;
    let calls = 0;
    for (const kind of KINDS) {
      const cells = cellMachine(randomMachine(0, kind, configuration));
      const base = withLog(baseKernel(unit));
      const { kernel, setPort } = racingKernel(module, {
        base,
        index: cells.index,
        rangeOf: () => [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
        pathOf: cells.pathOf,
        faults: new ThreadFaults(),
      });
      const port = new SequentialPort(cells);
      setPort(port);
      for (let seed = 1; seed <= MACHINES; seed++) {
        for (const operation of THREAD_OPERATIONS) {
          const machine = randomMachine(seed, kind, configuration);
          const folio = at(machine.folios, 0);
          if (!isPossible(operation, folio)) {
            continue;
          }
          calls++;
          cells.load(machine);
          const before = plain(folio);
          whole.warnings.first = 0;
          base.warnings.first = 0;
          const expected = runOperation(operation, whole, machine);
          const { machine: shared } = cells;
          const result = runOperation(operation, kernel, shared);
          const left = {
            result,
            folio: plain(at(shared.folios, 0)),
            stats: { ...shared.stats },
            warning: base.warnings.first,
            locked: cells.isLocked(),
            depth: port.depth,
          };
          const leftAtOnce = {
            result: expected,
            folio: plain(folio),
            stats: { ...machine.stats },
            warning: whole.warnings.first,
            locked: false,
            depth: 0,
          };
          // Comparing texts is a hundred times faster than an assertion.
          if (text(left) !== text(leftAtOnce)) {
            expect(left, `${operation.name} on ${text(before)}`).toEqual(leftAtOnce);
          }
          port.log.length = 0;
        }
      }
    }
    expect(calls).toBeGreaterThan(1_200);
  });
});
