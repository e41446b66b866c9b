import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { Random } from "../../../explore/simulation/random.ts";
import { baseKernel } from "../../../gate/adapter/base-kernel.ts";
import { type RacingKernel, racingKernel } from "../../../gate/races/racing-kernel.ts";
import { ThreadFaults } from "../../../gate/races/thread-faults.ts";
import { compileThreads, type ThreadModule } from "../../../gate/races/thread-module.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import type { Access, Port } from "../../../races/access.ts";
import { diagnosticText } from "../../../report/text/diagnostic.ts";
import { type LoggedKernel, withLog } from "../../model/logged-kernel.ts";
import { testCacheFolder } from "../cache-folder.ts";
import { type Edit, ownUnit } from "../own-tree.ts";
import { OWN_KERNEL } from "../tree-copy.ts";
import { type CellMachine, cellMachine, SequentialPort } from "./cell-array.ts";
import { isPossible, type Operation, randomMachine, runOperation, THREAD_OPERATIONS } from "./operations.ts";

const CONFIGURATION = configurationOf("page-mapcount,32bit,mm-id");
const KIND = { nrPages: 4, hpagePmdNr: 4, anon: true };
const RMAP = "include/linux/rmap.h";

async function threadsOf(edits: readonly Edit[] = []): Promise<ThreadModule> {
  return compileThreads(await ownUnit(CONFIGURATION, edits), "-O0", testCacheFolder);
}

interface Started extends RacingKernel {
  readonly cells: CellMachine;
  /** Warnings of the threads. */
  readonly warnings: LoggedKernel["warnings"];
}

function started(module: ThreadModule): Started {
  const cells = cellMachine(randomMachine(1, KIND, CONFIGURATION));
  const base = withLog(baseKernel(module.unit));
  const rangeOf = (): [number, number] => [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return {
    cells,
    warnings: base.warnings,
    ...racingKernel(module, { base, index: cells.index, rangeOf, pathOf: cells.pathOf, faults: new ThreadFaults() }),
  };
}

const operationNamed = (name: string): Operation =>
  THREAD_OPERATIONS.find((operation) => operation.name === name) as Operation;

let module: ThreadModule;

beforeAll(async () => {
  module = await threadsOf();
});

/** A port that returns given values, and stops the thread before the access after the last value. */
class FeedingPort implements Port {
  readonly stop: object = { name: "stopped" };
  readonly accesses: Access[] = [];
  private readonly values: readonly number[];

  constructor(values: readonly number[]) {
    this.values = values;
  }

  access(access: Access): number {
    const value = this.values[this.accesses.length];
    this.accesses.push(access);
    if (value === undefined) {
      throw this.stop;
    }
    return value;
  }

  enter(): void {}
  leave(): void {}
}

/** Records a run with the values that its accesses returned. */
interface Run {
  readonly operation: Operation;
  readonly accesses: readonly Access[];
  readonly values: readonly number[];
}

function runOf({ cells, kernel, setPort }: Started, operation: Operation, seed: number): Run {
  cells.load(randomMachine(seed, KIND, CONFIGURATION));
  const port = new SequentialPort(cells);
  const values: number[] = [];
  setPort({
    access: (access) => {
      const value = port.access(access);
      values.push(value);
      return value;
    },
    enter: () => {},
    leave: () => {},
  });
  runOperation(operation, kernel, cells.machine);
  return { operation, accesses: port.log, values };
}

test("a thread that is stopped at any access and run again makes the same accesses, whatever ran in between", () => {
  const start = started(module);
  const possible = THREAD_OPERATIONS.filter((each) => isPossible(each, start.cells.machine.folios[0] as never));
  const runs = [1, 2, 3].flatMap((seed) => possible.map((operation) => runOf(start, operation, seed)));
  const random = new Random(7, 0);
  for (let i = 0; i < 3_000; i++) {
    const { operation, accesses, values } = runs[random.below(runs.length)] as Run;
    const fed = random.below(values.length);
    const port = new FeedingPort(values.slice(0, fed));
    start.setPort(port);
    let thrown: unknown;
    try {
      runOperation(operation, start.kernel, start.cells.machine);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBe(port.stop);
    // The same objects: an engine may compare them by identity.
    expect(port.accesses.every((access, k) => access === accesses[k])).toBe(true);
    expect(port.accesses.length).toBe(fed + 1);
  }
});

test("each access has its file and line", () => {
  const lines = readFileSync(join(OWN_KERNEL, RMAP), "utf8").split("\n");
  const lineOf = (text: string): number => lines.findIndex((each) => each.includes(text)) + 1;
  const start = started(module);
  const seeds = Array.from({ length: 20 }, (_, i) => i);
  const accesses = seeds.flatMap((seed) => runOf(start, operationNamed("add large mapcount"), seed).accesses);
  const at = (line: number): Set<string> =>
    new Set(
      accesses
        .filter(({ place }) => place?.file === RMAP && place.line === line)
        .map(({ kind, object }) => `${kind} ${object}`),
    );
  expect(at(lineOf("bit_spin_lock(FOLIO_MM_IDS_LOCK_BITNUM"))).toEqual(new Set(["lock folios[0].largeMapcountLock"]));
  expect(at(lineOf("folio->_mm_id_mapcount[mine] += diff"))).toEqual(
    new Set([0, 1].flatMap((slot) => ["load", "store"].map((kind) => `${kind} folio->_mm_id_mapcount[${slot}]`))),
  );
  expect(at(lineOf("folio->_mm_ids |= FOLIO_MM_IDS_SHARED_BIT"))).toEqual(
    new Set(["load folio->_mm_ids", "store folio->_mm_ids"]),
  );
});

describe("C code with a fault as a thread", () => {
  /** Returns the text of the first warning of an operation on a changed tree. */
  async function warningOf(edit: Edit, name: string): Promise<string | undefined> {
    const start = started(await threadsOf([edit]));
    runOf(start, operationNamed(name), 3);
    const faults = start.faults(start.warnings.first);
    return faults && diagnosticText(faults);
  }

  test("is reported if it does not release the large-mapcount lock", async () => {
    const edit = {
      file: RMAP,
      from: "\tunlock_owners(folio);\n\treturn mapcount + 1;\n}\n\nstatic inline int folio_sub",
      to: "\treturn mapcount + 1;\n}\n\nstatic inline int folio_sub",
    };
    expect(await warningOf(edit, "add large mapcount")).toBe("it leaves the large-mapcount lock taken");
  });

  test("is reported if it overwrites the lock bit", async () => {
    const edit = {
      file: RMAP,
      from: "\tmine = slot_with(folio, id);\n\tfree =",
      to: "\tfolio->_mm_ids = 0;\n\tmine = slot_with(folio, id);\n\tfree =",
    };
    expect(await warningOf(edit, "add large mapcount")).toBe("it overwrites the lock bit of _mm_ids");
  });

  test("is reported if it never returns", async () => {
    const edit = {
      file: RMAP,
      from: "\tmine = slot_with(folio, id);\n\tfree =",
      to: "\twhile (mapcount > -9) mine = 0;\n\tmine = slot_with(folio, id);\n\tfree =",
    };
    expect(await warningOf(edit, "add large mapcount")).toContain("iterations of loops");
  });

  test("is rejected with file and line if it accesses memory that the model has no field for", async () => {
    const edit = {
      file: RMAP,
      from: "\tmine = slot_with(folio, id);\n\tfree =",
      to: "\tmine = folio->private;\n\tmine = slot_with(folio, id);\n\tfree =",
    };
    await expect(warningOf(edit, "add large mapcount")).rejects.toThrow(
      /^include\/linux\/rmap\.h:\d+ accesses byte \d+ of the struct pages of a folio/,
    );
  });
});
