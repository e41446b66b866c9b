import { describe, expect, it } from "vitest";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import type { NotChecked } from "../../invariants/not-checked.ts";
import { MACHINES, PAGE_TABLE_MACHINES } from "../../machines/index.ts";
import type { Bounds } from "../../machines/machine.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import { notCheckedText } from "../../report/text/not-checked.ts";
import { kernelIn, worldSubject } from "../model/session.ts";

/** Machines with page tables. */
const WITH_PAGE_TABLES = MACHINES.filter(({ name }) => PAGE_TABLE_MACHINES.some((scope) => scope.name === name));

const machine = (name: string) => MACHINES.find((each) => each.name === name) as (typeof MACHINES)[number];

const usual = (name: string): Bounds =>
  Object.fromEntries(machine(name).bounds.map((each) => [each.name, each.default]));

/** Areas of the kernel: names in reports, and the machines that model them. */
const AREAS: readonly { readonly words: string; readonly machines: readonly string[] }[] = [
  { words: "pins", machines: ["pins", "swap", "migration"] },
  { words: "swap", machines: ["swap", "shmem"] },
  // A split creates migration entries, too.
  { words: "migration", machines: ["migration", "split"] },
  { words: "folio split", machines: ["split"] },
];

const skippedIds = (all: readonly NotChecked[]): string[] =>
  all
    .flatMap(({ subject }) => (typeof subject === "object" && "property" in subject ? [subject.property] : []))
    .toSorted();

describe("A run reports what it does not check", () => {
  it.each(MACHINES)("a run of $name reports concurrency and other machines as not checked", ({ name, notChecked }) => {
    const text = notChecked(usual(name), kernelIn("")).map(notCheckedText).join("\n");
    expect(text).toMatch(name === "race" ? /^Memory models weaker than/m : /^Interleavings: /m);
    expect(text).toMatch(/see the other machines/);
  });

  it.each(WITH_PAGE_TABLES)(
    "a run of $name reports the areas of other machines as not checked",
    ({ name, notChecked }) => {
      const others = notChecked(usual(name), kernelIn("")).find(({ reason }) =>
        reason?.includes("see the other machines"),
      );
      const areas = String(others?.subject);
      for (const { words, machines } of AREAS) {
        expect(areas?.includes(words), words).toBe(!machines.includes(name));
      }
    },
  );

  it("a run without PMD mappings in its bounds reports them as not checked", () => {
    for (const { name, bounds, notChecked } of WITH_PAGE_TABLES) {
      const values = bounds.find((each) => each.name === "pmd")?.values ?? [0];
      for (const pmd of values) {
        const subjects = notChecked({ ...usual(name), pmd }, kernelIn("")).map(({ subject }) => subject);
        expect(subjects.includes("PMD mappings"), name).toBe(pmd === 0);
      }
    }
  });

  it.each([
    { bounds: {}, config: "", skipped: "C12 C12.pmd C16.average C17 W1 W2 W3 W4 W5 W6" },
    {
      bounds: { mms: 3 },
      config: "no-page-mapcount",
      skipped: "C12.pmd C13 C15.exact C16 C17 C6.nr-pages-mapped W2 W4 W5",
    },
    {
      bounds: { mms: 3, pages: 2, anon: 0, file: 2 },
      config: "32bit,mm-id-mapcount-max=1",
      skipped: "C11 C11.warnings C11.writable C12 C12.pmd C14 C14.queue C16.average W1 W2 W3 W4 W6",
    },
    {
      bounds: { minPages: 2 },
      config: "no-mm-id",
      skipped: "C1 C12 C12.pmd C14 C14.queue C16.average C17 C2 C20 C20.live C3 C4 C5 C5.slots C8 W1 W2 W3 W4 W5 W6",
    },
  ])("rmap at $bounds in $config skips $skipped besides what rmap never checks", ({ bounds, config, skipped }) => {
    const never = [
      ..."C6.total-mapped-pages C7.pincount C9 C9.contents C9.file C9.held C9.pinned C9.warnings C10 C11.pin C11.pinned".split(
        " ",
      ),
      ..."C11.entries C13.pmd C14.migration C14.swap-cache C14.whole C15.pagemap-pmd C7.swap W7".split(" "),
      ..."C22.mm-ids P1 P1.shrinker P2 P2.unmap P3 P3.swap-cache P3.unmap P4".split(" "),
    ];
    const skippedProperties = skippedIds(machine("rmap").notChecked({ ...usual("rmap"), ...bounds }, kernelIn(config)));
    expect(skippedProperties).toEqual([...never, ...skipped.split(" ")].toSorted());
  });

  it("every property is either in the model or reported as not checked with a reason", () => {
    const configs = ["", "no-page-mapcount", "32bit", "no-mm-id"];
    const everything = WITH_PAGE_TABLES.flatMap(({ name, build, notChecked }) =>
      configs.map((config) => {
        const kernel = kernelIn(config);
        const has = build(usual(name), kernel).properties.map(({ id }) => id);
        const skips = skippedIds(notChecked(usual(name), kernel)).filter((id) => id !== "W2");
        expect(has.filter((id) => skips.includes(id))).toEqual([]);
        return [...has, ...skips].toSorted().join(" ");
      }),
    );
    expect(new Set(everything).size).toBe(1);
  });

  it("a run reports the kinds of folios that its bounds exclude as not checked", () => {
    const { notChecked } = machine("rmap");
    expect(notChecked(usual("rmap"), kernelIn(""))).toContainEqual({ subject: "File folios" });
    expect(notChecked({ ...usual("rmap"), anon: 0, file: 1 }, kernelIn(""))).toContainEqual({ subject: "Anon folios" });
  });
});

describe("At the smallest bounds at which they apply, no claim is vacuous and every witness is reached", () => {
  const none = { smallFolios: 0, holders: 0 };
  it.each([
    { scope: "rmap", bounds: { pages: 4, minPages: 4, mms: 3 }, config: "" },
    { scope: "rmap", bounds: { pages: 2, mms: 2, anon: 0, file: 1 }, config: "no-page-mapcount" },
    {
      scope: "rmap",
      bounds: { pages: 2, minPages: 2, mms: 2, anon: 0, file: 2 },
      config: "32bit,mm-id-mapcount-max=1",
    },
    { scope: "rmap", bounds: { pages: 2, mms: 2 }, config: "no-mm-id" },
    { scope: "pmd", bounds: { pages: 4, minPages: 4, smallFolios: 0, folios: 2 }, config: "no-page-mapcount" },
    { scope: "pmd", bounds: { pages: 2, smallFolios: 1, file: 1 }, config: "" },
    { scope: "cow", bounds: { pages: 2, minPages: 2, smallFolios: 1, pmd: 1, holders: 0 }, config: "" },
    { scope: "cow", bounds: { ...none, pages: 4, minPages: 4 }, config: "no-page-mapcount" },
    { scope: "mremap", bounds: { pages: 2, minPages: 2, smallFolios: 1 }, config: "" },
    { scope: "pins", bounds: { pages: 2, minPages: 2, smallFolios: 0 }, config: "32bit" },
    { scope: "swap", bounds: { ...none, pages: 4, minPages: 4, mms: 1, pmd: 1 }, config: "" },
    { scope: "swap", bounds: { ...none, pages: 2, minPages: 2, swapSlots: 2 }, config: "" },
    { scope: "shmem", bounds: { pages: 2, mms: 2, smallFolios: 1, swapSlots: 2 }, config: "no-page-mapcount" },
    { scope: "migration", bounds: { ...none, pages: 2, minPages: 2 }, config: "" },
    { scope: "migration", bounds: { ...none, pages: 4, minPages: 4, mms: 1 }, config: "" },
    { scope: "split", bounds: { pages: 2, minPages: 2, smallFolios: 1 }, config: "" },
    { scope: "split", bounds: { pages: 4, minPages: 4, mms: 1 }, config: "" },
  ])(
    "no claim is vacuous and every witness is reached on $scope at $bounds in $config",
    ({ scope, bounds, config }) => {
      const result = search(compile(worldSubject(scope, bounds, config).model), { symmetry: true });
      expect(result.outcome).toBe("exhausted");
      for (const { id, kind, verdict, checked } of result.properties) {
        expect([id, verdict]).toEqual([id, kind.startsWith("sometimes") ? "reached" : "holds"]);
        if (!kind.startsWith("sometimes")) {
          expect(checked, id).toBeGreaterThan(0);
        }
      }
    },
  );
});

describe("Inconsistent bounds are refused", () => {
  it.each([
    { name: "rmap", bounds: { minPages: 8 }, config: "", why: "minPages 8 is more than pages 4" },
    { name: "rmap", bounds: { anon: 0 }, config: "", why: "an MM without any VMA" },
    { name: "rmap", bounds: {}, config: "32bit,mm-id-mapcount-max=2", why: "needs mm-id-mapcount-max=3" },
    { name: "owner-tracking", bounds: {}, config: "32bit,mm-id-mapcount-max=2", why: "needs mm-id-mapcount-max=3" },
    { name: "owner-tracking", bounds: {}, config: "no-mm-id", why: "needs mm-id" },
  ])("$name refuses $bounds in $config: $why", ({ name, bounds, config, why }) => {
    const { conflict } = machine(name);
    expect(conflict({ ...usual(name), ...bounds }, parseConfig(config))).toContain(why);
    expect(conflict(usual(name), parseConfig(""))).toBeUndefined();
  });
});
