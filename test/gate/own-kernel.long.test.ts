import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../explore/search/compile.ts";
import { type SearchResult, search } from "../../explore/search/search.ts";
import { compiledFunctions, type Mode } from "../../gate/adapter/compiled-functions.ts";
import { instantiate } from "../../gate/adapter/instance.ts";
import { GATE_MACHINES, gateMachine } from "../../gate/adapter/machines.ts";
import { type CompiledUnit, compileUnit } from "../../gate/preparation/compile-unit.ts";
import { configurationOf, GATE_CONFIGURATIONS } from "../../gate/unit/configurations.ts";
import { machineNamed } from "../../verify/job/job.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { ownUnit } from "./own-tree.ts";

const WITH_MM_ID = GATE_CONFIGURATIONS.filter((words) => !words.includes("no-mm-id"));

const units = new Map<string, CompiledUnit>();

beforeAll(async () => {
  for (const words of GATE_CONFIGURATIONS) {
    units.set(words, await compileUnit(await ownUnit(configurationOf(words)), testCacheFolder));
  }
});

/** Explores machine owner-tracking without symmetry. */
function explored(words: string, mode: Mode, pages: number): SearchResult {
  const functions = compiledFunctions(instantiate((units.get(words) as CompiledUnit).fast), mode);
  const model = gateMachine(machineNamed("owner-tracking"), functions, mode).build({ pages, mms: 3 }, functions.kernel);
  return search(compile(model), { symmetry: false });
}

describe("MM owner tracking in C", () => {
  // One is wasm64, the other wasm32.
  test.each([
    ["page-mapcount,64bit,mm-id", "conformance"],
    ["no-page-mapcount,32bit,mm-id", "claims"],
  ] as const)("%s: OT(8,3) has the states and transitions that every other checker counts, by %s", (words, mode) => {
    const { outcome, states, transitions } = explored(words, mode, 8);
    expect({ outcome, states, transitions }).toEqual({
      outcome: "exhausted",
      states: 87_968,
      transitions: 2_111_232,
    });
  });

  test.each(WITH_MM_ID)("%s: the C code without the model reaches as many states as the model", (words) => {
    const [compared, alone] = [explored(words, "conformance", 4), explored(words, "claims", 4)];
    expect(compared.outcome).toBe("exhausted");
    expect([alone.outcome, alone.states, alone.transitions]).toEqual([
      compared.outcome,
      compared.states,
      compared.transitions,
    ]);
  });
});

describe("The overflow of a slot in C", () => {
  const overflowing = (words: string, mode: Mode): SearchResult => {
    const functions = compiledFunctions(instantiate((units.get(words) as CompiledUnit).fast), mode);
    const bounds = { pages: 32_768, mms: 3, vmas: 2 };
    return search(
      compile(
        gateMachine(machineNamed("slot-overflow", GATE_MACHINES), functions, mode).build(bounds, functions.kernel),
      ),
    );
  };

  // The numbers of states of the model, which tests of the model pin.
  test.each([
    ["page-mapcount,32bit,mm-id", "conformance", 2_517],
    ["no-page-mapcount,32bit,mm-id", "claims", 2_517],
    ["page-mapcount,64bit,mm-id", "conformance", 3_590],
    ["no-page-mapcount,64bit,mm-id", "claims", 3_590],
  ] as const)("%s, %s: is where the model has it", (words, mode, states) => {
    const result = overflowing(words, mode);
    expect({ outcome: result.outcome, states: result.states }).toEqual({ outcome: "exhausted", states });
    const w5 = result.properties.find(({ id }) => id === "W5")?.verdict;
    expect(w5).toBe(mode === "claims" && words.includes("32bit") ? "reached" : undefined);
  });
});

test("a module exports operations for the functions of its configuration", () => {
  const operationsOf = (words: string): string[] =>
    Object.keys(instantiate((units.get(words) as CompiledUnit).fast).operations);
  expect(operationsOf("page-mapcount,64bit,mm-id")).toContain("folio_remove_rmap_pmd");
  expect(operationsOf("page-mapcount,64bit,no-mm-id")).not.toContain("folio_remove_rmap_pmd");
  expect(operationsOf("page-mapcount,64bit,no-mm-id")).toContain("folio_remove_rmap_ptes");
});
