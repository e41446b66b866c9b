/** Applicability: which properties apply in a situation, and the reasons why others do not. */

import type { Property } from "../explore/model/model.ts";
import type { KernelConfig } from "../model/kernel/config.ts";
import type { Kernel } from "../model/kernel/kernel.ts";
import type { Features } from "../model/state/world-schema.ts";
import { type NotChecked, notChecked } from "./not-checked.ts";

/** Bounds of a run, by name. */
export type Bounds = { readonly [name: string]: number };

/** Name and features of a machine with page tables. */
export interface PageTableFeatures {
  readonly name: string;
  readonly features: Omit<Features, "totalMappedPages">;
}

/** Bounds, configuration, machine and kernel, which determine whether a property applies. */
export interface Situation {
  readonly bounds: Bounds;
  readonly config: KernelConfig;
  /** Absent in machines without page tables. */
  readonly machine?: PageTableFeatures;
  /** Counters that the kernel maintains, and differences between versions. */
  readonly kernel: Pick<
    Kernel,
    | "tracksTotalMappedPages"
    | "tracksEntireMapcount"
    | "tracksNrPagesMapped"
    | "requeuesOnMigration"
    | "averageTakesPageType"
  >;
}

/** Returns the reason why a property does not apply; undefined if it applies. */
export type Unless = (situation: Situation) => string | undefined;

export interface Applicability<V> {
  readonly property: Property<V>;
  readonly unless?: Unless;
}

export const bound = ({ bounds }: Situation, name: string): number => bounds[name] ?? 0;

export const needsMmId: Unless = ({ config }) => (config.mmId ? undefined : "CONFIG_MM_ID is off");

export const needsPageMapcount: Unless = ({ config }) =>
  config.pageMapcount ? undefined : "it is about CONFIG_PAGE_MAPCOUNT";

export const needsNoPageMapcount: Unless = ({ config }) =>
  config.pageMapcount ? "it is about CONFIG_NO_PAGE_MAPCOUNT" : undefined;

export const needsLargeFolios: Unless = ({ bounds }) =>
  (bounds["pages"] ?? 0) > 1 ? undefined : "it is about large folios";

export const needsPages =
  (pages: number): Unless =>
  (situation) =>
    bound(situation, "pages") < pages ? `it takes a folio of ${pages} pages` : undefined;

export const needsMms =
  (mms: number): Unless =>
  (situation) =>
    bound(situation, "mms") < mms ? `it takes ${mms} MMs` : undefined;

export const needsAnon: Unless = (situation) => (bound(situation, "anon") > 0 ? undefined : "it is about anon folios");

export const needsPmd: Unless = (situation) => (bound(situation, "pmd") > 0 ? undefined : "there are no PMD mappings");

export const needsNoPmd: Unless = (situation) =>
  bound(situation, "pmd") > 0 ? "a folio that a PMD maps is not unmapped page by page" : undefined;

/**
 * Requires 4 pages with PMD mappings: of a PMD-mapped folio of two pages, only one page is still mapped after a split
 * of the PMD, or its pages become separate folios.
 */
export const needsPtesOfLarge: Unless = (situation) =>
  bound(situation, "pmd") > 0 ? needsPages(4)(situation) : undefined;

export const needsContents: Unless = ({ machine }) =>
  machine?.features.contents === true ? undefined : "there are no contents of pages";

export const needsShmem: Unless = ({ machine }) =>
  machine?.features.shmem === true ? undefined : "no file is swapped out";

export const needsPins: Unless = (situation) =>
  situation.machine?.features.pins === true && bound(situation, "holders") > 0 ? undefined : "nothing is pinned";

export const needsHolders: Unless = (situation) =>
  bound(situation, "holders") > 0 ? undefined : "only mappings and caches hold references";

export const needsSwap: Unless = (situation) => (bound(situation, "swapSlots") > 0 ? undefined : "there is no swap");

export const needsNoSwap: Unless = (situation) =>
  bound(situation, "swapSlots") > 0 ? "a folio in the swap cache is not queued" : undefined;

export const needsMigration: Unless = ({ machine }) =>
  machine?.features.migration === "between" ? undefined : "nothing migrates";

/**
 * Whether migration always queues the new folio: it unmaps the old folio page by page, which queues it, and then queues
 * the new one, even if that is not partially mapped.
 */
export const migratesQueued = (situation: Situation): boolean =>
  situation.kernel.requeuesOnMigration && bound(situation, "pmd") === 0;

export const needsNoticedMigration: Unless = (situation) =>
  situation.machine?.features.migration === "between" && !migratesQueued(situation)
    ? "migration entries can be unmapped unnoticed"
    : undefined;

export const needsUnnoticedMigration: Unless = (situation) =>
  needsMigration(situation) ??
  (migratesQueued(situation) ? "folios that are unmapped page by page stay queued when they migrate" : undefined);

export const needsMachine =
  (name: string): Unless =>
  ({ machine }) =>
    machine?.name === name ? undefined : `it is about machine ${name}`;

export const needsEntireMapcount: Unless = ({ kernel }) =>
  kernel.tracksEntireMapcount
    ? undefined
    : kernel.tracksTotalMappedPages
      ? "this kernel has _total_mapped_pages instead"
      : "this kernel has no _entire_mapcount";

export const needsTotalMappedPages: Unless = ({ kernel }) =>
  kernel.tracksTotalMappedPages ? undefined : "this kernel has no _total_mapped_pages";

export const needsNrPagesMapped: Unless = ({ kernel }) =>
  kernel.tracksNrPagesMapped ? undefined : "this kernel has no _nr_pages_mapped";

/** Applies unless kpagecount reports page types: without page mapcounts it is the average. */
export const needsTypeAwareProc: Unless = ({ config, kernel }) =>
  config.pageMapcount || !kernel.averageTakesPageType
    ? undefined
    : "this kernel is known to report the type (C16.page-type-average)";

export const needsTypeInAverage: Unless = (situation) =>
  needsTypeAwareProc(situation) === undefined ? "this kernel's kpagecount does not report page types" : undefined;

export const needsOverflow: Unless = (situation) => {
  const { bounds, config } = situation;
  if (config.is64Bit || !config.mmId) {
    return needsMmId(situation) ?? "a slot cannot overflow on 64-bit";
  }
  const { pages = 0, anon = 0, file = 0, vmas = 0 } = bounds;
  const most = pages * Math.max(anon, file, vmas);
  return most - 1 > config.mmIdMapcountMax ? undefined : "no MM can map the folio often enough for a slot to overflow";
};

export const needsNoOverflow: Unless = (situation) =>
  needsOverflow(situation) === undefined ? "an MM that lost its slot to an overflow looks the same" : undefined;

export const needsVerdicts: Unless = ({ bounds, config }) =>
  config.mmId || (bounds["minPages"] ?? 2) === 1
    ? undefined
    : "CONFIG_MM_ID is off: every large folio is reported as maybe shared";

/** Combines conditions; the result is the reason of the first that is not met. */
export const allOf =
  (...conditions: readonly Unless[]): Unless =>
  (situation) => {
    for (const condition of conditions) {
      const reason = condition(situation);
      if (reason !== undefined) {
        return reason;
      }
    }
    return undefined;
  };

/** Requires writes to private memory. */
export const needsPrivate: Unless = allOf(needsContents, needsAnon);

/** Requires write faults; machine pmd has them without contents of pages. */
export const needsWriteFaults: Unless = (situation) =>
  situation.machine?.name === "pmd" ? needsAnon(situation) : needsPrivate(situation);

/** Returns the properties that apply. */
export function applicable<V>(all: readonly Applicability<V>[], situation: Situation): Property<V>[] {
  return all.filter(({ unless }) => unless?.(situation) === undefined).map(({ property }) => property);
}

/** Returns the properties that do not apply, each with the reason. */
export function skipped<V>(all: readonly Applicability<V>[], situation: Situation): NotChecked[] {
  return all.flatMap(({ property, unless }) => {
    const reason = unless?.(situation);
    return reason === undefined ? [] : [notChecked({ property: property.id }, reason)];
  });
}

/** Returns the situation of a machine. @param machine absent for machines without page tables */
export function situationOf(bounds: Bounds, kernel: Kernel, machine?: PageTableFeatures): Situation {
  return { bounds, config: kernel.config, kernel, ...(machine !== undefined && { machine }) };
}
