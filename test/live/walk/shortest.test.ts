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
  test("leaves detours out", () => {
    const found = shorterExecution(machine, [fault, unmapAll, fault, fork, write]);
    expect(actionsOf(found)).toEqual(["anonFault", "fork", "writeFault"]);
  });

  test("ends in the same pair up to renaming: any MM may be the one", () => {
    const exit = call("exit", { mm: 0 });
    const begin = call("newMm", { mm: 1 });
    const other = [
      call("anonFault", { mm: 1, first: 0, pages: 4 }),
      call("fork", { parent: 1, child: 0 }),
      call("writeFault", { mm: 1, entry: 2 }),
    ];
    expect(actionsOf(shorterExecution(machine, [exit, begin, ...other]))).toEqual(["anonFault", "fork", "writeFault"]);
  });

  test("is one that the machine can take, and whose last step does the same", () => {
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

  test("is not there where the execution is shortest", () => {
    expect(shorterExecution(machine, [fault, fork, write])).toBeUndefined();
    expect(shorterExecution(machine, [fault])).toBeUndefined();
  });
});
