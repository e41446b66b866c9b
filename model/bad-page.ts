/**
 * The `bad-page` machine: what the allocator says of a folio that comes back damaged. No kernel that counts right ever frees
 * such a folio, so no other machine would miss a check that is gone. One field is wrong at a time, by one in either
 * direction, and everything else is as it has to be: each check stands alone.
 */
import { action, type Model } from "../explore/model.ts";
import { array, at, bool, constant, int, type StructField, struct } from "../explore/schema.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { ENTIRELY_MAPPED, type Folio } from "./kernel/structs.ts";
import { warningsOf } from "./kernel/warnings.ts";

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

/** Where mapcounts of pages are gone for good, with the counts that came with them, tail pages may have something else there. */
const hasMapcount = ({ config, tracksEntireMapcount }: Kernel, i: number): boolean =>
  i === 0 || config.pageMapcount || tracksEntireMapcount;

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
  const page = struct({ mapcount: near(-1), anonExclusive: bool(), content: int(0, 0) });
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

const BAD_PAGES: readonly number[] = warningsOf("C4");

/** A damaged folio is meant to be a bad page: that the kernel says so is not what is wrong. */
function expectBadPage({ warnings }: Kernel): void {
  if (BAD_PAGES.includes(warnings.first)) {
    warnings.first = 0;
  }
}

/** What free leaves of the damage: the next folio must not have it. */
function repair(folio: Folio): void {
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
        expectBadPage(kernel);
        repair(folio);
        return true;
      }),
    ],
    view: (world) => world,
    properties: [],
    warnings: { log: kernel.warnings, text: warningText },
  };
}
