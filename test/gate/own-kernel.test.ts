import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../explore/compile.ts";
import { type SearchResult, search } from "../../explore/search.ts";
import { type CompiledUnit, compileUnit } from "../../gate/compile.ts";
import { compiledFunctions, type Mode } from "../../gate/compiled-functions.ts";
import { configurationOf, GATE_CONFIGURATIONS } from "../../gate/configurations.ts";
import { instantiate } from "../../gate/instance.ts";
import { gateMachine } from "../../gate/machines.ts";
import { machineNamed } from "../../verify/job.ts";
import { testCacheFolder } from "./cache-folder.ts";
import { ownUnit } from "./own-unit.ts";

const units = new Map<string, CompiledUnit>();

beforeAll(async () => {
  for (const words of GATE_CONFIGURATIONS) {
    units.set(words, await compileUnit(ownUnit(configurationOf(words)), testCacheFolder));
  }
});

function explored(words: string, mode: Mode, bounds: { readonly pages: number; readonly mms: number }): SearchResult {
  const functions = compiledFunctions(instantiate((units.get(words) as CompiledUnit).fast), mode);
  const model = gateMachine(machineNamed("owner-tracking"), functions, mode).build(bounds, functions.kernel);
  return search(compile(model), { symmetry: false });
}

describe("MM owner tracking in C", () => {
  const withMmId = GATE_CONFIGURATIONS.filter((words) => !words.includes("no-mm-id"));

  test.each(withMmId.flatMap((words) => [[words, "conformance"] as const, [words, "claims"] as const]))(
    "%s: OT(8,3) has the states and transitions that every other checker counts, by %s",
    (words, mode) => {
      const { outcome, states, transitions } = explored(words, mode, { pages: 8, mms: 3 });
      expect({ outcome, states, transitions }).toEqual({
        outcome: "exhausted",
        states: 87_968,
        transitions: 2_111_232,
      });
    },
  );
});
