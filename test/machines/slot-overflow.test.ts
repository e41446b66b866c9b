/** The slot-overflow machine, with the kernel's own numbers, and the justification of small numbers in the others. */
import { describe, expect, test } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { at } from "../../explore/model/schema.ts";
import { compile } from "../../explore/search/compile.ts";
import { type SearchResult, search } from "../../explore/search/search.ts";
import type { OverflowWorld } from "../../machines/slot-overflow.ts";
import { SLOT_OVERFLOW } from "../../machines/slot-overflow.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { kernelIn } from "../model/session.ts";

const BOUNDS = { pages: 32_768, mms: 3, vmas: 2 };

function explored(config: string, bounds: Partial<typeof BOUNDS> = {}, symmetry: boolean = true): SearchResult {
  return search(compile(SLOT_OVERFLOW.build({ ...BOUNDS, ...bounds }, kernelIn(config))), { symmetry });
}

const counts = ({ outcome, states, transitions }: SearchResult): unknown => ({ outcome, states, transitions });

/** Returns the state after one MM maps the given numbers of pages one after the other. */
function mappedBy(kernel: Kernel, steps: readonly number[]): OverflowWorld {
  const interpreter = interpret(SLOT_OVERFLOW.build(BOUNDS, kernel));
  return steps.reduce<unknown>(
    (state, pages) =>
      interpreter.step(state, {
        action: pages > 0 ? "map" : "unmap",
        parameters: { mm: 0, pages: Math.abs(pages) },
      }),
    interpreter.initialStates[0],
  ) as OverflowWorld;
}

describe("A slot mapcount of 32-bit", () => {
  test("a 32-bit slot mapcount counts 32,768 mappings, stored as 32,767", () => {
    const { folio } = mappedBy(kernelIn("32bit"), [32_768]);
    expect(folio.slots[0]).toEqual({ mmId: 1, mapcount: 32_767 });
    expect(folio.mmIdsShared).toBe(false);
  });

  test("a 32-bit slot with one mapping more is freed, and the folio marked as shared", () => {
    const { mms, folio } = mappedBy(kernelIn("32bit"), [32_768, 1]);
    expect(at(mms, 0).mapped).toBe(32_769);
    expect(folio.slots[0]).toEqual({ mmId: 0, mapcount: -1 });
    expect(folio).toMatchObject({ largeMapcount: 32_768, mmIdsShared: true, hadOverflow: true });
  });

  test("a 64-bit slot counts one mapping more", () => {
    const { folio } = mappedBy(kernelIn("64bit"), [32_768, 1]);
    expect(folio.slots[0]).toEqual({ mmId: 1, mapcount: 32_768 });
    expect(folio).toMatchObject({ mmIdsShared: false, hadOverflow: false });
  });

  test("the history of an overflow is cleared when the folio is unmapped", () => {
    const { folio } = mappedBy(kernelIn("32bit"), [32_768, 1, -1, -32_768]);
    expect(folio).toMatchObject({ largeMapcount: -1, mmIdsShared: false, hadOverflow: false });
  });
});

describe("Machine slot-overflow", () => {
  test.each([
    ["32bit", { states: 2_517, transitions: 17_934 }, { states: 14_192, transitions: 101_316 }],
    ["64bit", { states: 3_590, transitions: 24_860 }, { states: 20_819, transitions: 144_060 }],
  ])("%s: slot-overflow has the same states in every run, with symmetry and without", (config, upTo, all) => {
    expect(counts(explored(config))).toEqual({ outcome: "exhausted", ...upTo });
    expect(counts(explored(config, {}, false))).toEqual({ outcome: "exhausted", ...all });
  });

  test.each([3, 4, 5, 8])(
    "slot-overflow at 2^%i pages and a matching limit has as many states as with the kernel's numbers",
    (order) => {
      const pages = 2 ** order;
      const scaled = explored(`32bit,mm-id-mapcount-max=${pages - 1}`, { pages });
      expect(counts(scaled)).toEqual(counts(explored("32bit")));
    },
  );

  test("slot-overflow reaches the overflow on 32-bit only, and every claim holds", () => {
    const verdicts = (config: string): unknown =>
      Object.fromEntries(explored(config).properties.map(({ id, verdict }) => [id, verdict]));
    expect(verdicts("32bit")).toMatchObject({ W5: "reached", W2: "reached", C1: "holds", C2: "holds", C17: "holds" });
    expect(verdicts("64bit")).toMatchObject({ W1: "reached", W2: "reached", C1: "holds", C2: "holds" });
    expect(verdicts("64bit")).not.toHaveProperty("W5");
  });

  test("slot-overflow requires owner tracking, and a folio that a slot can count", () => {
    expect(SLOT_OVERFLOW.conflict(BOUNDS, kernelIn("no-mm-id").config)).toMatch("needs mm-id");
    expect(SLOT_OVERFLOW.conflict(BOUNDS, kernelIn("32bit,mm-id-mapcount-max=9").config)).toMatch("32768 pages");
    expect(SLOT_OVERFLOW.conflict(BOUNDS, kernelIn("32bit").config)).toBeUndefined();
  });
});
