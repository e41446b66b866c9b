import { describe, expect, test } from "vitest";
import { itf } from "../../report/json/itf.ts";
import { countsTrace, rmapTrace } from "./fixtures.ts";
import { splitTrace } from "./scope-traces.ts";

interface Itf {
  "#meta": { format: string };
  vars: string[];
  states: ({ "#meta": { index: number }; action: string } & { [name: string]: unknown })[];
}

const read = (trace: Parameters<typeof itf>[0]): Itf => JSON.parse(itf(trace)) as Itf;

describe("itf", () => {
  test("an ITF trace declares its format, a variable for each field of the state, and the action", () => {
    const { "#meta": meta, vars } = read(rmapTrace);
    expect(meta.format).toBe("ITF");
    expect(vars).toEqual(["stats", "mms", "folios", "swapSlots", "filePages", "holders", "action"]);
  });

  test("an ITF trace has a numbered state for each step, with every variable and the call that led to it", () => {
    const { states, vars } = read(rmapTrace);
    expect(states.map((state) => state["#meta"].index)).toEqual([0, 1, 2, 3]);
    expect(states.map(({ action }) => action)).toEqual(["init", ...rmapTrace.steps.map(({ call }) => call)]);
    for (const state of states) {
      expect(Object.keys(state).sort()).toEqual(["#meta", ...vars].sort());
    }
  });

  test("an ITF trace has integers as big integers, records as objects and lists as arrays", () => {
    const { states } = read(countsTrace);
    const [first, second] = states;
    const mms: unknown = Object.entries(second ?? {}).find(([name]) => name === "mms")?.[1];
    expect(mms).toEqual([
      { mapped: { "#bigint": "1" }, idNumber: { "#bigint": "1" }, hasId: true, hasPinned: false },
      { mapped: { "#bigint": "0" }, idNumber: { "#bigint": "2" }, hasId: true, hasPinned: false },
      { mapped: { "#bigint": "0" }, idNumber: { "#bigint": "3" }, hasId: true, hasPinned: false },
    ]);
    expect(JSON.stringify(first)).toContain('"largeMapcount":{"#bigint":"-1"}');
    expect(JSON.stringify(states.map(({ folio, mms }) => [folio, mms]))).not.toMatch(/[:[,]-?\d/);
  });

  test("an ITF trace has lists with elements of different types", () => {
    const { states } = read(splitTrace);
    const folios = states[0]?.["folios"] as { pages: unknown[] }[];
    expect(folios.map(({ pages }) => pages.length)).toEqual([4, 1, 1, 1]);
    expect(states[2]?.["holders"]).toEqual([]);
    expect(states[2]?.action).toBe("split(folio: 0, walk: 0)");
  });

  test("an ITF trace has a state that is no record as one variable", () => {
    const { vars, states } = read({ ...rmapTrace, state: 7, steps: [] });
    expect(vars).toEqual(["state", "action"]);
    expect(states).toEqual([{ "#meta": { index: 0 }, state: { "#bigint": "7" }, action: "init" }]);
  });
});
