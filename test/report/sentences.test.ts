/** Every action of every machine has a plain sentence. */
import { expect, test } from "vitest";
import { type Action, formatCall } from "../../explore/model/model.ts";
import { GATE_MACHINES } from "../../gate/adapter/machines.ts";
import { actionsOf } from "../../gate/image/machine/image-actions.ts";
import { IMAGE_BOUNDS } from "../../gate/image/world/image-bounds.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import { sentenceOf } from "../../report/trace/sentence.ts";
import { boundsWithin } from "../../verify/job/job.ts";

/** Bounds at which a machine has all of its actions. */
const ALL: { readonly [machine: string]: { readonly [bound: string]: number } } = {
  rmap: { file: 1 },
  cow: {},
  pins: { holders: 1 },
  swap: { holders: 1 },
  pmd: { file: 1, holders: 1 },
  race: { pages: 4, pmd: 1, writes: 1, gup: 1, references: 1, readers: 1, shrinker: 1, migration: 1, swap: 1, proc: 1 },
};

function withoutSentence(actions: readonly Pick<Action<never, never>, "name" | "choices">[]): readonly string[] {
  const calls = actions.map((action) => ({ action: action.name, parameters: action.choices[0] ?? {} }));
  expect(calls.length).toBeGreaterThan(0);
  return calls.filter((call) => /undefined|NaN|null/.test(sentenceOf(call) ?? "undefined")).map(formatCall);
}

test("each operation of the mm image, and a race of two, has a sentence without undefined values", () => {
  const bounds = Object.fromEntries(IMAGE_BOUNDS.map(({ name, values }) => [name, values.at(-1) ?? 0]));
  for (const swap of [1, 2]) {
    expect(withoutSentence(actionsOf({ ...bounds, mms: 2, race: 1, swap, cpus: 2, preemptions: 1 }, true))).toEqual([]);
  }
});

test.each(GATE_MACHINES.map((definition) => [definition.name, definition] as const))(
  "each action of machine %s has a sentence without undefined values",
  (name, definition) => {
    const model = definition.build(boundsWithin(definition, ALL[name] ?? {}), v7_1(parseConfig("")));
    expect(
      withoutSentence(model.actions.filter(({ name: action }) => action !== "step" && action !== "drain")),
    ).toEqual([]);
  },
);

test("a sentence names MMs and folios as pictures do", () => {
  const sentence = (action: string, parameters: Parameters<typeof sentenceOf>[0]["parameters"]): string | undefined =>
    sentenceOf({ action, parameters });
  expect(sentence("unmap", { mm: 1, vma: 0, first: 2, count: 2 })).toBe("mm 1 unmaps entries 2–3");
  expect(sentence("migrateUnmap", { folio: 1, walk: "0,1" })).toBe(
    "migration replaces all mappings of folio B by migration entries, visiting mm 0, then mm 1",
  );
  expect(sentence("write", { mm: 0, fault: { page: 4, order: 2 } })).toBe(
    "mm 0 writes to page 4; a fault may map a folio of 4 pages",
  );
  expect(sentence("toString", {})).toBeUndefined();
});

test("a sentence about pages that get_user_pages() takes names the function, the range and the access", () => {
  const taking = (action: string, way: string, pages: number): string | undefined =>
    sentenceOf({ action, parameters: { mm: 0, way, range: { page: 3, pages } } });
  expect(taking("getUserPages", "get", 1)).toBe("get_user_pages() takes page 3 of mm 0");
  expect(taking("getUserPages", "pinLongterm", 2)).toBe("pin_user_pages() takes pages 3–4 of mm 0 for a long time");
  expect(taking("getUserPagesFast", "pinWrite", 0)).toBe(
    "pin_user_pages_fast() takes no pages at page 3 of mm 0 for writing",
  );
});
