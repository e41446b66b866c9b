/** The machine `struct-pages`: stale fields in struct pages, by kernel. */
import { describe, expect, it } from "vitest";
import { type ActionCall, formatCall, type Property } from "../../explore/model/model.ts";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import { callsOf } from "../../explore/search/trace.ts";
import { privateIsCleared, typeIsNoMapcount, typeIsNotReported, typeIsReset } from "../../invariants/struct-pages.ts";
import { MACHINES } from "../../machines/index.ts";
import type { StructPagesView } from "../../model/environment/struct-pages.ts";
import { PagePrivate, PGTY_TABLE, type StructPage } from "../../model/state/structs.ts";
import { kernelIn } from "../model/session.ts";
import { folioWith } from "../model/structs.ts";

interface Found {
  readonly verdicts: { readonly [id: string]: string };
  /** Returns the steps of the shortest witness or counterexample. */
  readonly steps: (id: string) => readonly string[];
}

function explored(kernel: string, config = "page-mapcount"): Found {
  const machine = MACHINES.find(({ name }) => name === "struct-pages") as (typeof MACHINES)[number];
  const model = machine.build({ pages: 2 }, kernelIn(config, kernel));
  const result = search(compile(model));
  const pathTo = (id: string): readonly ActionCall[] => {
    const index = model.properties.findIndex((each) => each.id === id);
    const propertyResult = [...result.violations, ...result.witnesses].find(({ property }) => property === index);
    return propertyResult === undefined ? [] : callsOf(model, propertyResult.path);
  };
  return {
    verdicts: Object.fromEntries(result.properties.map(({ id, verdict }) => [id, verdict])),
    steps: (id) => pathTo(id).map(formatCall),
  };
}

describe("Private of a page", () => {
  it.each(["v6.15", "v6.18", "v7.1"])(
    "private of a page is cleared when the page is freed by itself (%s)",
    (kernel) => {
      expect(explored(kernel).verdicts).toMatchObject({ C22: "holds", "C22.type": "holds", "C22.tail": "reached" });
    },
  );

  it("private reaches the next owner of a page that was freed by itself in 6.18.2", () => {
    expect(explored("free-keeps-private").steps("C22")).toEqual([
      "allocPage(page: 1)",
      "storePrivate(page: 1)",
      "freePage(page: 1)",
      "allocBlock(compound: false)",
      "splitBlock()",
    ]);
  });

  it("private of a tail page reaches a folio by a split in 7.1, and by freeing before", () => {
    const split = ["allocBlock(compound: true)", "storePrivate(page: 1)", "splitBlock()"];
    expect(explored("v7.1").steps("C22.tail")).toEqual(split);
    for (const kernel of ["v6.15", "v6.18"]) {
      expect(explored(kernel).steps("C22.tail")).toContain("freeBlock()");
    }
  });
});

describe("A claim about struct pages", () => {
  const page = (given: Partial<Pick<StructPage, "allocated" | "private">>, mapcount = -1): StructPage => ({
    ...folioWith({ nrPages: 1, pageMapcounts: [mapcount + 1], allocated: false }),
    private: PagePrivate.none,
    ...given,
  });
  const view = (...pages: readonly StructPage[]): StructPagesView => ({
    kernel: kernelIn("page-mapcount"),
    world: { block: 0, pages },
  });
  const decided = (property: Property<StructPagesView>, of: StructPagesView): boolean | undefined =>
    property.kind === "always" ? property.holds(of) : undefined;
  const used = { allocated: true };

  it("C22 fails for the second page of two, and is vacuous for free pages", () => {
    const left = page({ ...used, private: PagePrivate.left });
    expect(decided(privateIsCleared, view(page(used), left))).toBe(false);
    expect(decided(privateIsCleared, view(page(used), page({ private: PagePrivate.left })))).toBe(true);
    expect(decided(privateIsCleared, view(page({ private: PagePrivate.left })))).toBeUndefined();
    expect(decided(privateIsCleared, view(page({ ...used, private: PagePrivate.leftInTail })))).toBe(true);
  });

  it("C22.type fails for a free page that has a type", () => {
    expect(decided(typeIsReset, view(page({}, PGTY_TABLE)))).toBe(false);
    expect(decided(typeIsReset, view(page(used, PGTY_TABLE), page({})))).toBe(true);
  });

  it.each([typeIsNoMapcount, typeIsNotReported])("$id is vacuous for pages without a type", (property) => {
    expect(decided(property, view(page(used, 0)))).toBeUndefined();
    expect(decided(property, view(page(used, PGTY_TABLE)))).toBe(true);
    const kernel = kernelIn("page-mapcount", "mapcount-takes-page-type");
    expect(decided(typeIsNoMapcount, { ...view(page(used, PGTY_TABLE)), kernel })).toBe(false);
    const precise = kernelIn("page-mapcount", "precise-takes-page-type");
    expect(decided(typeIsNotReported, { ...view(page(used, PGTY_TABLE)), kernel: precise })).toBe(false);
  });
});

describe("A page that has a type", () => {
  it.each(["v6.15", "v6.18", "v7.1"])(
    "kpagecount reports the type of a page that has one without page mapcounts (%s)",
    (kernel) => {
      const { verdicts, steps } = explored(kernel, "no-page-mapcount");
      expect(verdicts).toMatchObject({ "C16.page-type-average": "reached", "C6.page-type": "holds" });
      expect(verdicts).not.toHaveProperty("C16.page-type");
      expect(steps("C16.page-type-average")).toEqual(["allocPage(page: 0)", "setType(page: 0)"]);
    },
  );

  it("kpagecount reports a page with a type as not mapped with page mapcounts, and in the RFC of 2026-04-12", () => {
    for (const { verdicts } of [explored("v7.1"), explored("rfc-2026-04", "no-page-mapcount")]) {
      expect(verdicts).toMatchObject({ "C16.page-type": "holds" });
      expect(verdicts).not.toHaveProperty("C16.page-type-average");
    }
  });
});
