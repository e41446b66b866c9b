/** The formulas of the model's functions are what the functions do: of every kernel that patches owner tracking. */
import { describe, expect, test } from "vitest";
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { BASE_KERNELS } from "../../model/kernels/base-kernels.ts";
import { kernelNamed } from "../../model/kernels/index.ts";
import { modelFunctions } from "../../proof/executed-functions.ts";
import { modelTerms } from "../../proof/model/model-terms.ts";
import { agreement } from "../../proof/symbolic/agreement.ts";
import { evaluator, type Term } from "../../proof/symbolic/term.ts";
import { SYMBOLS } from "../../proof/symbolic/tracked-terms.ts";
import { OVERFLOW_CONFIG } from "./enumerated.ts";
import { patchedKernels } from "./patched-kernels.ts";

function kernel(name: string, config: string): Kernel {
  const found = kernelNamed(name, parseConfig(config));
  if (found === undefined) {
    throw new Error(`no kernel ${name}`);
  }
  return found;
}

const NAMES = [...BASE_KERNELS, ...patchedKernels].map(({ name }) => name);

describe.each(["64bit", "32bit", OVERFLOW_CONFIG])("Formulas about the model (%s)", (words) => {
  test.each(NAMES)("say what the functions do: %s", (name) => {
    const own = kernel(name, name === "rfc-2026-04" ? `no-page-mapcount,${words}` : words);
    expect(agreement(modelTerms(own), modelFunctions(own))).toEqual({ kind: "agrees", calls: 600 });
  });
});

describe("Formulas about the model", () => {
  const base = kernel("v7.1", "64bit");

  test("have a fresh folio whatever was stored in it", () => {
    const {
      fresh: { state, warned },
    } = modelTerms(base);
    const evaluate = evaluator((name) => (name === SYMBOLS.order ? 3n : 7n));
    const value = (term: Term): number => Number(BigInt.asIntN(36, evaluate(term)));
    expect([state.largeMapcount, ...state.slots.flatMap(({ id, count }) => [id, count])].map(value)).toEqual([
      -1, 0, -1, 0, -1,
    ]);
    expect([state.shared, warned].map(evaluate)).toEqual([0n, 0n]);
  });

  test("say where a function throws", () => {
    const { steps, verdictWarned } = modelTerms(base);
    // Of a folio of one page the mapcount is that of its page, which is no part of a folio here.
    const evaluate = evaluator((name) => (name === SYMBOLS.order ? 0n : 1n));
    expect([verdictWarned, steps.add.trapped].map(evaluate)).toEqual([1n, 0n]);
  });

  test.each<[string, Partial<Kernel>, string]>([
    [
      "a division",
      {
        folioMapcount(folio) {
          return folio.largeMapcount / 2;
        },
      },
      "the operator /",
    ],
    [
      "a read of what is no part of owner tracking",
      {
        folioMapcount(folio) {
          return (folio as unknown as { refcount: number }).refcount;
        },
      },
      "a read of refcount",
    ],
    ["warnings of its own", { vmWarnOn() {} }, "a vmWarnOn() of its own"],
  ])("are refused for a kernel with %s", (_, overrides, why) => {
    expect(() => modelTerms({ ...base, ...overrides })).toThrow(why);
  });
});

test("A fault of the text that is executed shows as a difference", () => {
  const right = kernel("v7.1", "64bit");
  const wrong = kernel("add-by-one", "64bit");
  expect(agreement(modelTerms(wrong), modelFunctions(right)).kind).toBe("differs");
});
