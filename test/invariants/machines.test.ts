import { describe, expect, it } from "vitest";
import { compile } from "../../explore/compile.ts";
import { search } from "../../explore/search.ts";
import { type Bounds, MACHINES } from "../../invariants/machines.ts";
import { parseConfig } from "../../model/config.ts";
import { rmapSubject } from "../model/session.ts";

const machine = (name: string) => MACHINES.find((each) => each.name === name) as (typeof MACHINES)[number];

const usual = (name: string): Bounds =>
  Object.fromEntries(machine(name).bounds.map((each) => [each.name, each.default]));

describe("A run says what it does not check", () => {
  it.each(MACHINES)("$name: what is not modelled, whatever the bounds", ({ name, notChecked }) => {
    const said = notChecked(usual(name), parseConfig("")).join("\n");
    for (const what of ["PMD", "pins", "copy-on-write", "swap", "Concurrency", "PageAnonExclusive", "deferred split"]) {
      expect(said).toContain(what);
    }
  });

  it.each([
    { bounds: {}, config: "", skipped: ["C12", "C17", "W1", "W2", "W5"] },
    { bounds: { mms: 3 }, config: "no-page-mapcount", skipped: ["C13", "C17", "C6.nr-pages-mapped", "W2", "W5"] },
    {
      bounds: { mms: 3, pages: 2, anon: 0, file: 2 },
      config: "32bit,mm-id-mapcount-max=1",
      skipped: ["C12", "W1", "W2"],
    },
    {
      bounds: { minPages: 2 },
      config: "no-mm-id",
      skipped: ["C1", "C12", "C17", "C2", "C20", "C3", "C4", "C5", "C5.slots", "C8", "W1", "W2", "W5"],
    },
  ])("rmap at $bounds in $config skips $skipped, with a reason for each", ({ bounds, config, skipped }) => {
    const all = { ...usual("rmap"), ...bounds };
    const said = machine("rmap").notChecked(all, parseConfig(config));
    const reasons = said.flatMap((line) => /^([CW]\d+[^:]*): .+/.exec(line)?.[1] ?? []);
    expect(reasons.toSorted()).toEqual(skipped);
    const { model } = rmapSubject(bounds, config);
    expect(model.properties.filter(({ id }) => skipped.includes(id))).toEqual([]);
  });

  it("names the kinds of folios that the bounds leave out", () => {
    const { notChecked } = machine("rmap");
    expect(notChecked(usual("rmap"), parseConfig(""))).toContain("File folios");
    expect(notChecked({ ...usual("rmap"), anon: 0, file: 1 }, parseConfig(""))).toContain("Anon folios");
  });
});

describe("At the smallest bounds at which they apply, no claim is vacuous and every witness is reached", () => {
  it.each([
    { bounds: { pages: 4, minPages: 4, mms: 3 }, config: "" },
    { bounds: { pages: 2, mms: 2, anon: 0, file: 1 }, config: "no-page-mapcount" },
    { bounds: { pages: 2, minPages: 2, mms: 2, anon: 0, file: 2 }, config: "32bit,mm-id-mapcount-max=1" },
    { bounds: { pages: 2, mms: 2 }, config: "no-mm-id" },
  ])("rmap at $bounds in $config", ({ bounds, config }) => {
    const result = search(compile(rmapSubject(bounds, config).model), { symmetry: true });
    expect(result.outcome).toBe("exhausted");
    for (const { id, kind, verdict, checked } of result.properties) {
      expect([id, verdict]).toEqual([id, kind.startsWith("sometimes") ? "reached" : "holds"]);
      if (!kind.startsWith("sometimes")) {
        expect(checked, id).toBeGreaterThan(0);
      }
    }
  });
});

describe("Bounds that make no sense together are refused", () => {
  it.each([
    { name: "rmap", bounds: { minPages: 8 }, config: "", why: "minPages 8 is more than pages 4" },
    { name: "rmap", bounds: { anon: 0 }, config: "", why: "an MM without any VMA" },
    { name: "rmap", bounds: {}, config: "32bit,mm-id-mapcount-max=2", why: "needs mm-id-mapcount-max=3" },
    { name: "owner-tracking", bounds: {}, config: "32bit,mm-id-mapcount-max=2", why: "needs mm-id-mapcount-max=3" },
    { name: "owner-tracking", bounds: {}, config: "no-mm-id", why: "needs mm-id" },
  ])("$name at $bounds in $config: $why", ({ name, bounds, config, why }) => {
    const { conflict } = machine(name);
    expect(conflict({ ...usual(name), ...bounds }, parseConfig(config))).toContain(why);
    expect(conflict(usual(name), parseConfig(""))).toBeUndefined();
  });
});
