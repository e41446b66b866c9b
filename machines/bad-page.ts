/**
 * The `bad-page` machine: warnings of the allocator and of a folio split about a damaged folio. A correct kernel never
 * frees such a folio, so no other machine detects that a check was removed. In each action one field is wrong, a count
 * by one in either direction, or one struct page is uninitialised; all other fields are correct, so that each check is
 * exercised separately.
 */
import { action, type Model } from "../explore/model/model.ts";
import { at, constant, int, type StructField, struct } from "../explore/model/schema.ts";
import { notChecked } from "../invariants/not-checked.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import { damageApplies, hasMapcount, PageDamage } from "../model/kernel/page-damage.ts";
import { kernelWarning, reportingTo, Warning, Warnings, warningsOf } from "../model/kernel/warnings.ts";
import { FOLIO_FIELDS, type FolioFields, PAGE_FIELDS, SLOT_FIELDS } from "../model/state/folio-fields.ts";
import { folioSchema, pageSchema, slotSchema } from "../model/state/folio-schema.ts";
import { makeFresh } from "../model/state/fresh-folio.ts";
import { ENTIRELY_MAPPED, type Folio, PGTY_TABLE } from "../model/state/structs.ts";
import type { AnyModel, Bounds, MachineDefinition } from "./machine.ts";

/** State of the bad-page machine; the folio is in use while it is damaged. */
export interface BadPageWorld {
  readonly folio: Folio;
}

/** Bounds of the bad-page machine. */
export interface BadPageBounds {
  /** Number of pages of the largest folio: a power of two. */
  readonly pages: number;
}

/** Damage of one field. */
interface Damage {
  /** Name of the field in the kernel; for a flag, the function that tests it. */
  readonly field: string;
  /** Differences from the right value; a flag is only set. */
  readonly by: readonly number[];
  /** Whether a folio of `nrPages` pages has the field, and the kernel maintains it. */
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

/** Without CONFIG_TRANSPARENT_HUGEPAGE there is no deferred split queue. */
const hasDeferredSplit = ({ config }: Kernel, nrPages: number): boolean => nrPages > 2 && config.mmId;

type NameOf<T> = { [K in keyof FolioFields]: FolioFields[K] extends T ? K : never }[keyof FolioFields];

const flag = (name: NameOf<boolean>, applies: Damage["applies"] = always): Damage => ({
  field: FOLIO_FIELDS[name].kernel,
  by: SET,
  applies,
  apply: (folio) => {
    folio[name] = true;
  },
});

const count = (name: NameOf<number>, applies: Damage["applies"], unit: number = 1, of: string = ""): Damage => ({
  field: `${FOLIO_FIELDS[name].kernel}${of}`,
  by: EITHER,
  applies,
  apply: (folio, by) => {
    folio[name] += by * unit;
  },
});

const slot = (i: number): Damage[] => [
  {
    field: `${SLOT_FIELDS.mmId.kernel}[${i}]`,
    by: SET,
    applies: hasMmIds,
    apply: (folio, by) => {
      at(folio.slots, i).mmId += by;
    },
  },
  {
    field: `${SLOT_FIELDS.mapcount.kernel}[${i}]`,
    by: EITHER,
    applies: hasMmIds,
    apply: (folio, by) => {
      at(folio.slots, i).mapcount += by;
    },
  },
];

const page = (i: number): Damage[] => [
  {
    field: `page[${i}].${PAGE_FIELDS.mapcount.kernel}`,
    by: EITHER,
    applies: (kernel, nrPages) => i < nrPages && hasMapcount(kernel, i),
    apply: (folio, by) => {
      at(folio.pages, i).mapcount += by;
    },
  },
  {
    field: `${PAGE_FIELDS.anonExclusive.kernel}(page[${i}])`,
    by: SET,
    applies: (_kernel, nrPages) => i < nrPages,
    apply: (folio) => {
      at(folio.pages, i).anonExclusive = true;
    },
  },
];

/**
 * Returns the kinds of damage of a folio of up to `pages` pages, including fields that no kernel checks: these are
 * compared, too.
 */
function damagesOf(pages: number): readonly Damage[] {
  return [
    { field: "nothing", by: SET, applies: always, apply: () => {} },
    count("largeMapcount", isLarge),
    count("entireMapcount", hasEntireMapcount),
    count("nrPagesMapped", hasNrPagesMapped),
    count("nrPagesMapped", hasNrPagesMapped, ENTIRELY_MAPPED, " by ENTIRELY_MAPPED"),
    count("totalMappedPages", (kernel, nrPages) => nrPages > 1 && kernel.tracksTotalMappedPages),
    count("pincount", (kernel, nrPages) => nrPages > 1 && kernel.folioHasPincount({ nrPages })),
    ...[0, 1].flatMap(slot),
    flag("mmIdsShared", hasMmIds),
    flag("partiallyMapped", isLarge),
    flag("onDeferredList", hasDeferredSplit),
    flag("anon"),
    flag("locked"),
    flag("swapcache"),
    ...Array.from({ length: pages }, (_, i) => page(i)).flat(),
  ];
}

function schemaOf({ pages }: BadPageBounds): StructField<BadPageWorld> {
  const near = (fresh: number): readonly [number, number] => [fresh - 1, fresh + 1];
  const slot = slotSchema(near(-1), int(0, 1));
  const page = pageSchema({ mapcount: [PGTY_TABLE, 0], anonExclusive: true });
  const folio = folioSchema(
    { hpagePmdNr: 0, frameNumber: constant(1), slot, page, capacity: pages },
    {
      allocated: true,
      anon: true,
      locked: true,
      inPageCache: true,
      swapcache: true,
      partiallyMapped: true,
      onDeferredList: true,
      mmIdsShared: true,
      nrPages: [1, pages],
      refcount: [0, 1],
      pincount: near(0),
      largeMapcount: near(-1),
      entireMapcount: near(-1),
      nrPagesMapped: [-ENTIRELY_MAPPED, ENTIRELY_MAPPED],
      totalMappedPages: near(0),
    },
  );
  return struct({ folio });
}

/** Returns the sizes of folios, in pages. */
export function sizesUpTo(pages: number): readonly number[] {
  return Array.from({ length: 1 + Math.log2(pages) }, (_, order) => 2 ** order);
}

/** Allocates a folio and drops all references to it, so that it can be freed. */
export function allocateUnreferenced(folio: Folio, kernel: Kernel, pages: number): void {
  kernel.prepNewPage(folio, pages);
  folio.refcount = 0;
}

const EXPECTED: readonly number[] = [...warningsOf("C4"), Warning.splitMapcount, Warning.splitPrivate];

/** Clears the warning: a warning about a damaged folio is expected, not a violation. */
function expectWarning(log: Warnings): void {
  if (EXPECTED.includes(log.first)) {
    log.first = 0;
  }
}

/** Parameters of an action that damages a struct page. */
type PageParameters = {
  readonly pages: number;
  readonly page: number;
  readonly damage: keyof typeof PageDamage;
};

/**
 * Frees or splits a new folio after damaging one of its struct pages. Pages of a split are not part of the state: the
 * machine continues as if they were freed.
 */
function damaging(log: Warnings, run: "freeDamagedPages" | "splitDamagedPages") {
  return ({ folio }: BadPageWorld, kernel: Kernel, { pages, page, damage }: PageParameters): boolean => {
    if (folio.allocated) {
      return false;
    }
    allocateUnreferenced(folio, kernel, pages);
    kernel[run](folio, PageDamage[damage], page);
    expectWarning(log);
    // Removes the damage before the next action.
    makeFresh(folio);
    return true;
  };
}

const PAGE_DAMAGES = Object.keys(PageDamage) as (keyof typeof PageDamage)[];

/** Builds the model for given bounds and a kernel. It has no claims: it is used to compare kernels. */
export function badPage(
  bounds: BadPageBounds,
  kernel: Kernel,
  log: Warnings = new Warnings(),
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
    context: reportingTo(log, kernel),
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
        expectWarning(log);
        makeFresh(folio);
        return true;
      }),
      action("freeDamaged", damagedPages, damaging(log, "freeDamagedPages"), { where: isPossible }),
      action("splitDamaged", damagedPages, damaging(log, "splitDamagedPages"), {
        where: (each) => each.page > 0 && isPossible(each),
      }),
    ],
    view: (world) => world,
    properties: [],
    warnings: { log, data: kernelWarning },
  };
}

/** Machine of damaged folios, for C code, whose warnings are compared with the model's. */
export const BAD_PAGE: MachineDefinition = {
  name: "bad-page",
  summary:
    "a folio that is freed or split with one field wrong, or one struct page: what the kernel's checks say of it",
  bounds: [{ name: "pages", description: "pages of the largest folio (order 1 to 3)", values: [2, 4, 8], default: 8 }],
  conflict: () => undefined,
  build: (bounds, kernel, _calls, log) => badPage(bounds as Bounds & BadPageBounds, kernel, log) as AnyModel,
  equivalence: () => [],
  notChecked: () => [notChecked("Every claim", "this machine compares what two kernels say of a damaged folio")],
};
