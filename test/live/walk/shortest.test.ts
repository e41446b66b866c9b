import { describe, expect, test } from "vitest";
import { shorterExecution } from "../../../live/walk/shortest.ts";
import { simulate, TINY } from "../simulated-walk.ts";

const { machine } = simulate({ bounds: { ...TINY, smallFolios: 1 } });
const call = (action: string, parameters: { readonly [name: string]: number }): number =>
  machine.indexOf({ action, parameters });

const fault = call("anonFault", { mm: 0, first: 0, pages: 4 });
const fork = call("fork", { parent: 0, child: 1 });
const unmapAll = call("unmap", { mm: 0, vma: 0, first: 0, count: 4 });
const write = call("writeFault", { mm: 0, entry: 2 });

function actionsOf(calls: readonly number[] | undefined): string[] | undefined {
  return calls?.map((each) => machine.calls[each]?.action ?? "none");
}

describe("a shorter execution", () => {
  test("shorterExecution() removes detours", () => {
    const found = shorterExecution(machine, [fault, unmapAll, fault, fork, write]);
    expect(actionsOf(found)).toEqual(["anonFault", "fork", "writeFault"]);
  });

  test("shorterExecution() ends with the same transition up to renaming of MMs", () => {
    const exit = call("exit", { mm: 0 });
    const begin = call("newMm", { mm: 1 });
    const other = [
      call("anonFault", { mm: 1, first: 0, pages: 4 }),
      call("fork", { parent: 1, child: 0 }),
      call("writeFault", { mm: 1, entry: 2 }),
    ];
    expect(actionsOf(shorterExecution(machine, [exit, begin, ...other]))).toEqual(["anonFault", "fork", "writeFault"]);
  });

  test("shorterExecution() returns an execution of the model whose last step has the same result", () => {
    const found = shorterExecution(machine, [fault, unmapAll, fault, fork, write]) ?? [];
    machine.loadInitial();
    expect(found.every((each) => machine.apply(each))).toBe(true);
    machine.canonicalize();
    const state = machine.memory.slice(0, machine.words);
    machine.loadInitial();
    for (const each of [fault, fork, write]) {
      machine.apply(each);
    }
    machine.canonicalize();
    expect(machine.memory.slice(0, machine.words)).toEqual(state);
  });

  test("shorterExecution() returns undefined for a shortest execution", () => {
    expect(shorterExecution(machine, [fault, fork, write])).toBeUndefined();
    expect(shorterExecution(machine, [fault])).toBeUndefined();
  });
});
