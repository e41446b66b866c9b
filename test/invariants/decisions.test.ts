/** Claims about single decisions of the kernel, each on a kernel that decides wrongly. */
import { describe, expect, it } from "vitest";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import type { Bounds } from "../../machines/machine.ts";
import type { KernelPatch } from "../../model/kernel/kernel.ts";
import { Warning } from "../../model/kernel/warnings.ts";
import { freshKernel, worldSubject } from "../model/session.ts";

const TINY: Bounds = { pages: 2, minPages: 2, mms: 2, smallFolios: 1, holders: 0 };

const base = freshKernel();

interface Wrong {
  readonly claim: string;
  readonly what: string;
  readonly scope: string;
  readonly bounds: Bounds;
  readonly warning?: number;
  readonly overrides: KernelPatch;
}

const WRONG: readonly Wrong[] = [
  {
    claim: "C9",
    what: "a large folio is reused although another MM maps it",
    scope: "cow",
    bounds: TINY,
    warning: Warning.reusedWhileReachable,
    overrides: { wpCanReuseLargeAnonFolio: () => true },
  },
  {
    claim: "C9",
    what: "a large folio is reused although there are other references",
    scope: "cow",
    bounds: { ...TINY, holders: 1 },
    warning: Warning.reusedWhileReachable,
    overrides: {
      wpCanReuseLargeAnonFolio(_, folio) {
        return this.folioMapcount(folio) > 1 && !folio.mmIdsShared;
      },
    },
  },
  {
    claim: "C9",
    what: "a small folio is reused although a swap entry refers to it",
    scope: "swap",
    bounds: { ...TINY, pages: 1, minPages: 1, swapSlots: 1 },
    warning: Warning.reusedWhileReachable,
    overrides: {
      wpCanReuseAnonFolio(_, folio) {
        return folio.refcount === 1 + (folio.swapcache ? 1 : 0);
      },
    },
  },
  {
    claim: "C9",
    what: "a folio that PMDs of two MMs map is reused",
    scope: "cow",
    bounds: { ...TINY, pmd: 1 },
    warning: Warning.reusedWhileReachable,
    overrides: { hugePmdCanReuse: () => true },
  },
  {
    claim: "C10",
    what: "a large folio is never reused",
    scope: "cow",
    bounds: TINY,
    warning: Warning.copiedThoughAlone,
    overrides: { wpCanReuseLargeAnonFolio: () => false },
  },
  {
    claim: "C11.pin",
    what: "a shared page is pinned for reading as it is",
    scope: "pins",
    bounds: { ...TINY, holders: 1 },
    warning: Warning.pinnedWhileShared,
    overrides: { gupMustUnshare: () => false },
  },
  {
    claim: "C11.warnings",
    what: "fork leaves pages exclusive",
    scope: "cow",
    bounds: TINY,
    warning: Warning.exclusiveAfterFork,
    overrides: {
      folioTryDupAnonRmap(folio, page, nrPages, dstMm, srcMm, level) {
        this.dupMappings(folio, page, nrPages, dstMm, srcMm, level);
        return true;
      },
    },
  },
  {
    claim: "C11.warnings",
    what: "a swapped out page stays exclusive",
    scope: "swap",
    bounds: { ...TINY, swapSlots: 2 },
    warning: Warning.exclusiveInSwap,
    overrides: { folioTryShareAnonRmap: () => true },
  },
  {
    claim: "C9.warnings",
    what: "the last owner of a folio loses its slot",
    scope: "cow",
    bounds: TINY,
    warning: Warning.reuseByUntracked,
    overrides: {
      folioSubReturnLargeMapcount(folio, diff, mm) {
        const mapcount = base.folioSubReturnLargeMapcount.call(this, folio, diff, mm);
        if (!folio.mmIdsShared) {
          folio.slots.forEach((slot) => {
            this.freeMmIdSlot(slot);
          });
        }
        return mapcount;
      },
    },
  },
];

describe("A wrong decision is a violation", () => {
  it.each(WRONG)("$claim fails if $what", ({ claim, scope, bounds, warning, overrides }) => {
    const { model } = worldSubject(scope, bounds, "", { ...freshKernel(), ...overrides });
    const { violations } = search(compile(model), { symmetry: true });
    const found = violations.map((each) => [model.properties[each.property]?.id, each.warning]);
    expect(found).toContainEqual([claim, warning]);
  });
});

describe("A claim about decisions is vacuous if none is taken", () => {
  it.each([
    { claim: "C9", scope: "cow", bounds: TINY },
    { claim: "C10", scope: "cow", bounds: TINY },
    { claim: "C11.pin", scope: "pins", bounds: { ...TINY, smallFolios: 0, holders: 1 } },
  ])("$claim is vacuous if no such decision is taken", ({ claim, scope, bounds }) => {
    const { model } = worldSubject(scope, bounds);
    const actions = model.actions.filter(({ name }) => name !== "writeFault" && name !== "gup");
    const checked = [{ ...model, actions }, model].map(
      (each) =>
        search(compile(each), { symmetry: true }).properties.find(({ id }) => id === claim)?.checked ?? Number.NaN,
    );
    expect(checked[0]).toBe(0);
    expect(checked[1]).toBeGreaterThan(0);
  });
});
