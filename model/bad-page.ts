/**
 * The `bad-page` machine: what the allocator says of a folio that comes back damaged, and what a folio split says of it. No
 * kernel that counts right ever frees such a folio, so no other machine would miss a check that is gone. One field is wrong at a
 * time, counts by one in either direction, or one struct page is as it was before it was initialised; everything else is as it
 * has to be: each check stands alone.
 */
import { action, type Model } from "../explore/model.ts";
import { array, at, bool, constant, int, type StructField, struct } from "../explore/schema.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { damageApplies, hasMapcount, PageDamage } from "./kernel/page-damage.ts";
import { ENTIRELY_MAPPED, type Folio, PGTY_TABLE } from "./kernel/structs.ts";
import { Warning, warningsOf } from "./kernel/warnings.ts";

/** A state of this machine: the folio is in use while it is damaged. */
export interface BadPageWorld {
  readonly folio: Folio;
}

/** Bounds of this machine. */
export interface BadPageBounds {
  /** Pages of the largest folio: a power of two. */
  readonly pages: number;
}

/** A field that can be wrong. */
interface Damage {
  /** The kernel's name of it; of a flag, what tests it. */
  readonly field: string;
  /** How wrong it can be: flags are only set. */
  readonly by: readonly number[];
  /** Whether a folio of so many pages has it, and this kernel keeps it. */
  readonly applies: (kernel: Kernel, nrPages: number) => boolean;
  readonly apply: (folio: Folio, by: number) => void;
}

const EITHER = [1, -1];
const SET = [1];
const always = (): boolean => true;
const isLarge = (_kernel: Kernel, nrPages: number): boolean => nrPages > 1;
const hasMmIds = ({ config }: Kernel, nrPages: number): boolean => nrPages > 1 && config.mmId;
const hasNrPagesMapped = ({ tracksNrPagesMapped }: Kernel, nrPages: number): boolean =>
  nrPages > 1 && tracksNrPagesMapped;

/** On 32-bit a folio of order 1 has no room for `_entire_mapcount`. */
const hasEntireMapcount = ({ tracksEntireMapcount, config }: Kernel, nrPages: number): boolean =>
  tracksEntireMapcount && (nrPages > 2 || (nrPages > 1 && config.is64Bit));

/** Without CONFIG_TRANSPARENT_HUGEPAGE there is no queue to be on. */
const hasDeferredSplit = ({ config }: Kernel, nrPages: number): boolean => nrPages > 2 && config.mmId;

const flag = (
  field: string,
  name: "mmIdsShared" | "anon" | "locked" | "swapcache" | "partiallyMapped" | "onDeferredList",
  applies: Damage["applies"] = always,
): Damage => ({
  field,
  by: SET,
  applies,
  apply: (folio) => {
    folio[name] = true;
  },
});

const count = (
  field: string,
  name: "largeMapcount" | "entireMapcount" | "nrPagesMapped" | "totalMappedPages" | "pincount",
  applies: Damage["applies"],
  unit: number = 1,
): Damage => ({
  field,
  by: EITHER,
  applies,
  apply: (folio, by) => {
    folio[name] += by * unit;
  },
});

const slot = (i: number): Damage[] => [
  {
    field: `_mm_id[${i}]`,
    by: SET,
    applies: hasMmIds,
    apply: (folio, by) => {
      at(folio.slots, i).mmId += by;
    },
  },
  {
    field: `_mm_id_mapcount[${i}]`,
    by: EITHER,
    applies: hasMmIds,
    apply: (folio, by) => {
      at(folio.slots, i).mapcount += by;
    },
  },
];

const page = (i: number): Damage[] => [
  {
    field: `page[${i}]._mapcount`,
    by: EITHER,
    applies: (kernel, nrPages) => i < nrPages && hasMapcount(kernel, i),
    apply: (folio, by) => {
      at(folio.pages, i).mapcount += by;
    },
  },
  {
    field: `PageAnonExclusive(page[${i}])`,
    by: SET,
    applies: (_kernel, nrPages) => i < nrPages,
    apply: (folio) => {
      at(folio.pages, i).anonExclusive = true;
    },
  },
];

/** What can be wrong with a folio of up to so many pages. Some of it no kernel looks at: that is compared too. */
function damagesOf(pages: number): readonly Damage[] {
  return [
    { field: "nothing", by: SET, applies: always, apply: () => {} },
    count("_large_mapcount", "largeMapcount", isLarge),
    count("_entire_mapcount", "entireMapcount", hasEntireMapcount),
    count("_nr_pages_mapped", "nrPagesMapped", hasNrPagesMapped),
    count("_nr_pages_mapped by ENTIRELY_MAPPED", "nrPagesMapped", hasNrPagesMapped, ENTIRELY_MAPPED),
    count("_total_mapped_pages", "totalMappedPages", (kernel, nrPages) => nrPages > 1 && kernel.tracksTotalMappedPages),
    count("_pincount", "pincount", (kernel, nrPages) => nrPages > 1 && kernel.folioHasPincount({ nrPages })),
    ...[0, 1].flatMap(slot),
    flag("the shared bit of _mm_ids", "mmIdsShared", hasMmIds),
    flag("folio_test_partially_mapped()", "partiallyMapped", isLarge),
    flag("_deferred_list", "onDeferredList", hasDeferredSplit),
    flag("folio_test_anon()", "anon"),
    flag("folio_test_locked()", "locked"),
    flag("folio_test_swapcache()", "swapcache"),
    ...Array.from({ length: pages }, (_, i) => page(i)).flat(),
  ];
}

function schemaOf({ pages }: BadPageBounds): StructField<BadPageWorld> {
  const near = (value: number): ReturnType<typeof int> => int(value - 1, value + 1, value);
  const page = struct({ mapcount: int(PGTY_TABLE, 0, -1), anonExclusive: bool(), content: int(0, 0) });
  return struct({
    folio: struct({
      hpagePmdNr: constant(0),
      frameNumber: constant(1),
      allocated: bool(),
      anon: bool(),
      locked: bool(),
      inPageCache: bool(),
      swapcache: bool(),
      partiallyMapped: bool(),
      onDeferredList: bool(),
      mmIdsShared: bool(),
      nrPages: int(1, pages),
      index: int(0, 0),
      swap: int(0, 0),
      refcount: int(0, 1),
      pincount: near(0),
      largeMapcount: near(-1),
      entireMapcount: near(-1),
      nrPagesMapped: int(-ENTIRELY_MAPPED, ENTIRELY_MAPPED, 0),
      totalMappedPages: near(0),
      slots: array(struct({ mmId: int(0, 1), mapcount: near(-1) }), 2),
      pages: array(page, pages),
    }),
  });
}

/** Sizes of folios, in pages. */
export function sizesUpTo(pages: number): readonly number[] {
  return Array.from({ length: 1 + Math.log2(pages) }, (_, order) => 2 ** order);
}

/** Makes a folio to which nobody refers any more: ready to be freed. */
export function allocateUnreferenced(folio: Folio, kernel: Kernel, pages: number): void {
  kernel.prepNewPage(folio, pages);
  folio.refcount = 0;
}

const EXPECTED: readonly number[] = [...warningsOf("C4"), Warning.splitMapcount, Warning.splitPrivate];

/** A damaged folio is meant to be noticed: that the kernel warns of it is not what is wrong. */
function expectWarning({ warnings }: Kernel): void {
  if (EXPECTED.includes(warnings.first)) {
    warnings.first = 0;
  }
}

/** Damage of a struct page, as parameters of an action. */
type PageParameters = {
  readonly pages: number;
  readonly page: number;
  readonly damage: keyof typeof PageDamage;
};

/** Runs what frees or splits a new folio, one struct page of which it damages before. */
function withDamagedPage({ folio }: BadPageWorld, kernel: Kernel, pages: number, run: () => void): boolean {
  if (folio.allocated) {
    return false;
  }
  allocateUnreferenced(folio, kernel, pages);
  run();
  expectWarning(kernel);
  repair(folio);
  return true;
}

function freeDamaged(world: BadPageWorld, kernel: Kernel, { pages, page, damage }: PageParameters): boolean {
  return withDamagedPage(world, kernel, pages, () => {
    kernel.freeDamagedPages(world.folio, PageDamage[damage], page);
  });
}

/** The pages become none of this machine's: it goes on as if they were freed. */
function splitDamaged(world: BadPageWorld, kernel: Kernel, { pages, page, damage }: PageParameters): boolean {
  return withDamagedPage(world, kernel, pages, () => {
    kernel.splitDamagedPages(world.folio, PageDamage[damage], page);
  });
}

const PAGE_DAMAGES = Object.keys(PageDamage) as (keyof typeof PageDamage)[];

/** Frees the folio of all damage: the next one must not have it. */
function repair(folio: Folio): void {
  folio.allocated = false;
  folio.nrPages = 1;
  folio.anon = false;
  folio.locked = false;
  folio.swapcache = false;
  folio.partiallyMapped = false;
  folio.onDeferredList = false;
  folio.mmIdsShared = false;
  folio.pincount = 0;
  folio.largeMapcount = -1;
  folio.entireMapcount = -1;
  folio.nrPagesMapped = 0;
  folio.totalMappedPages = 0;
  for (let i = 0; i < folio.slots.length; i++) {
    const slot = at(folio.slots, i);
    slot.mmId = 0;
    slot.mapcount = -1;
  }
  for (let i = 0; i < folio.pages.length; i++) {
    at(folio.pages, i).mapcount = -1;
  }
}

/** The machine at given bounds, with a kernel. No claim is about it: it is there to compare kernels. */
export function badPage(
  bounds: BadPageBounds,
  kernel: Kernel,
  warningText: (code: number) => string,
): Model<BadPageWorld, Kernel, BadPageWorld> {
  const damages = damagesOf(bounds.pages);
  const damagedPages = {
    pages: sizesUpTo(bounds.pages),
    page: Array.from({ length: bounds.pages }, (_, i) => i),
    damage: PAGE_DAMAGES,
  };
  const isPossible = ({ pages, page, damage }: PageParameters): boolean =>
    page < pages && damageApplies(kernel, PageDamage[damage], page, pages);
  const damageOf = (field: string): Damage => damages.find((each) => each.field === field) as Damage;
  return {
    name: "bad-page",
    schema: schemaOf(bounds),
    context: kernel,
    actions: [
      action(
        "damage",
        { pages: sizesUpTo(bounds.pages), field: damages.map(({ field }) => field), by: EITHER },
        ({ folio }: BadPageWorld, kernel: Kernel, { pages, field, by }) => {
          const { applies, apply } = damageOf(field);
          if (folio.allocated || !applies(kernel, pages)) {
            return false;
          }
          allocateUnreferenced(folio, kernel, pages);
          apply(folio, by);
          return true;
        },
        { where: ({ field, by }) => damageOf(field).by.includes(by) },
      ),
      action("free", {}, ({ folio }: BadPageWorld, kernel: Kernel) => {
        if (!folio.allocated) {
          return false;
        }
        kernel.freePagesPrepare(folio);
        expectWarning(kernel);
        repair(folio);
        return true;
      }),
      action("freeDamaged", damagedPages, freeDamaged, { where: isPossible }),
      action("splitDamaged", damagedPages, splitDamaged, { where: (each) => each.page > 0 && isPossible(each) }),
    ],
    view: (world) => world,
    properties: [],
    warnings: { log: kernel.warnings, text: warningText },
  };
}
