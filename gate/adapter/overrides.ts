/** Replaces the model's kernel functions by C functions, if the tree has them. */
import type { Kernel, KernelPatch } from "../../model/kernel/kernel.ts";
import { PageDamage } from "../../model/kernel/page-damage.ts";
import type { Folio, TrackedFolio } from "../../model/state/structs.ts";
import { type Calls, type CFunction, isTrue, itself, nothing, succeeds } from "./calls.ts";

/** Returns the overrides of the functions that change folios. */
export function overridesOf(calls: Calls): KernelPatch {
  const { base, argumentOf, preview, call, callTracked, free, operation, isAlone } = calls;
  const all: KernelPatch = {};
  const over = <N extends keyof Kernel, R>(
    name: N,
    called: CFunction<R> | undefined,
    build: (called: CFunction<R>) => Kernel[N],
  ): void => {
    if (called !== undefined) {
      all[name] = build(called);
    }
  };

  over("folioSetLargeMapcount", operation("folio_set_large_mapcount", nothing), (set) => (folio, mapcount, mm) => {
    callTracked(set, undefined, folio, () => base.folioSetLargeMapcount(folio, mapcount, mm), mapcount, argumentOf(mm));
  });
  over(
    "folioAddReturnLargeMapcount",
    operation("folio_add_return_large_mapcount", itself),
    (add) => (folio, diff, mm) =>
      callTracked(add, undefined, folio, () => base.folioAddReturnLargeMapcount(folio, diff, mm), diff, argumentOf(mm)),
  );
  over(
    "folioSubReturnLargeMapcount",
    operation("folio_sub_return_large_mapcount", itself),
    (sub) => (folio, diff, mm) =>
      callTracked(sub, undefined, folio, () => base.folioSubReturnLargeMapcount(folio, diff, mm), diff, argumentOf(mm)),
  );

  over(
    "folioAddFileRmapPtes",
    operation("folio_add_file_rmap_ptes", nothing),
    (add) => (stats, folio, page, nrPages, mm) => {
      const model = (): void => base.folioAddFileRmapPtes(stats, folio, page, nrPages, mm);
      call(add, stats, folio, model, page, nrPages, argumentOf(mm));
    },
  );
  over("folioAddFileRmapPmd", operation("folio_add_file_rmap_pmd", nothing), (add) => (stats, folio, mm) => {
    call(add, stats, folio, () => base.folioAddFileRmapPmd(stats, folio, mm), argumentOf(mm));
  });
  over(
    "folioAddAnonRmapPtes",
    operation("folio_add_anon_rmap_ptes", nothing),
    (add) => (stats, folio, page, nrPages, mm, exclusive) => {
      const model = (): void => base.folioAddAnonRmapPtes(stats, folio, page, nrPages, mm, exclusive);
      call(add, stats, folio, model, page, nrPages, argumentOf(mm), exclusive ? 1 : 0);
    },
  );
  over("folioAddAnonRmapPmd", operation("folio_add_anon_rmap_pmd", nothing), (add) => (stats, folio, mm, exclusive) => {
    const model = (): void => base.folioAddAnonRmapPmd(stats, folio, mm, exclusive);
    call(add, stats, folio, model, argumentOf(mm), exclusive ? 1 : 0);
  });
  over("folioAddNewAnonRmap", operation("folio_add_new_anon_rmap", nothing), (add) => (stats, folio, mm, exclusive) => {
    const model = (): void => base.folioAddNewAnonRmap(stats, folio, mm, exclusive);
    call(add, stats, folio, model, argumentOf(mm), exclusive ? 1 : 0);
  });
  over(
    "folioRemoveRmapPtes",
    operation("folio_remove_rmap_ptes", nothing),
    (remove) => (stats, folio, page, nrPages, mm) => {
      const model = (): void => base.folioRemoveRmapPtes(stats, folio, page, nrPages, mm);
      call(remove, stats, folio, model, page, nrPages, argumentOf(mm));
    },
  );
  over("folioRemoveRmapPmd", operation("folio_remove_rmap_pmd", nothing), (remove) => (stats, folio, mm) => {
    call(remove, stats, folio, () => base.folioRemoveRmapPmd(stats, folio, mm), argumentOf(mm));
  });

  // The kernel calls the function for one PTE if it does not batch.
  const dupFilePte = operation("folio_dup_file_rmap_pte", nothing);
  over(
    "folioDupFileRmapPtes",
    dupFilePte && operation("folio_dup_file_rmap_ptes", nothing),
    (dupPtes) => (folio, page, nrPages, dstMm, srcMm) => {
      const model = (): void => base.folioDupFileRmapPtes(folio, page, nrPages, dstMm, srcMm);
      if (nrPages === 1 && dupFilePte !== undefined) {
        call(dupFilePte, undefined, folio, model, page, argumentOf(dstMm));
      } else {
        call(dupPtes, undefined, folio, model, page, nrPages, argumentOf(dstMm));
      }
    },
  );
  const dupAnonPte = operation("folio_try_dup_anon_rmap_pte", succeeds);
  over(
    "folioTryDupAnonRmapPtes",
    dupAnonPte && operation("folio_try_dup_anon_rmap_ptes", succeeds),
    (dupPtes) => (folio, page, nrPages, dstMm, srcMm) => {
      const model = (): boolean => base.folioTryDupAnonRmapPtes(folio, page, nrPages, dstMm, srcMm);
      const dst = argumentOf(dstMm);
      const src = argumentOf(srcMm);
      return nrPages === 1 && dupAnonPte !== undefined
        ? call(dupAnonPte, undefined, folio, model, page, dst, src)
        : call(dupPtes, undefined, folio, model, page, nrPages, dst, src);
    },
  );
  over("folioTryDupAnonRmapPmd", operation("folio_try_dup_anon_rmap_pmd", succeeds), (dup) => (folio, dstMm, srcMm) => {
    const model = (): boolean => base.folioTryDupAnonRmapPmd(folio, dstMm, srcMm);
    return call(dup, undefined, folio, model, argumentOf(dstMm), argumentOf(srcMm));
  });
  const sharePmd = operation("folio_try_share_anon_rmap_pmd", succeeds);
  over("folioTryShareAnonRmap", operation("folio_try_share_anon_rmap_pte", succeeds), (sharePte) => (folio, page) => {
    const model = (): boolean => base.folioTryShareAnonRmap(folio, page);
    return sharePmd !== undefined && folio.nrPages === folio.hpagePmdNr && isMappedByPmd(folio)
      ? call(sharePmd, undefined, folio, model)
      : call(sharePte, undefined, folio, model, page);
  });

  over("deferredSplitFolio", operation("deferred_split_folio", nothing), (defer) => (folio, partiallyMapped) => {
    const model = (): void => base.deferredSplitFolio(folio, partiallyMapped);
    call(defer, undefined, folio, model, partiallyMapped ? 1 : 0);
  });
  // Before a fault, the environment queries whether it can be resolved: that call must not change the folio.
  let isFault = !isAlone;
  if (isAlone) {
    all.doWpPage = function (this: Kernel, ...parameters) {
      isFault = true;
      try {
        return base.doWpPage.apply(this, parameters);
      } finally {
        isFault = false;
      }
    };
  }
  over(
    "wpCanReuseLargeAnonFolio",
    operation("__wp_can_reuse_large_anon_folio", isTrue),
    (reuse) => (machine, folio, mm) => {
      const swapUnused = folio.swapcache && !base.folioSwapped(machine, folio) ? 1 : 0;
      if (!isFault) {
        return preview(reuse, folio, argumentOf(mm), swapUnused);
      }
      const model = (): boolean => base.wpCanReuseLargeAnonFolio(machine, folio, mm);
      const swapArea = isAlone && folio.swapcache ? machine : undefined;
      return call(reuse, undefined, folio, model, argumentOf(mm), swapUnused, 0, 0, swapArea);
    },
  );
  over("prepCompoundHead", operation("prep_compound_head", nothing), (prepare) => (folio) => {
    call(prepare, undefined, folio, () => base.prepCompoundHead(folio));
  });
  over("freePagesPrepare", operation("free_tail_page_prepare", isTrue), (prepare) => (folio) => {
    free(prepare, folio, () => base.freePagesPrepare(folio), PageDamage.none, 0);
  });
  over("freeDamagedPages", operation("free_tail_page_prepare", isTrue), (prepare) => (folio, damage, page) => {
    free(prepare, folio, () => base.freeDamagedPages(folio, damage, page), damage, page);
  });
  return all;
}

/** Whether a PMD maps the folio, by the counts that the model has; without them, PTEs are assumed to map it. */
function isMappedByPmd({ entireMapcount, totalMappedPages, largeMapcount }: Folio): boolean {
  return entireMapcount >= 0 || totalMappedPages > largeMapcount + 1;
}

/**
 * Returns the overrides of read-only functions, for C code without the model. Under conformance these functions are
 * compared in every state instead. A separate claim, C5.readers, is that they change nothing.
 */
export function queriesOf({ queryFunction, query, queryTracked }: Calls): KernelPatch {
  const queryEither = <R>(called: CFunction<R>, folio: TrackedFolio): R =>
    isWhole(folio) ? query(called, folio) : queryTracked(called, folio);
  const shared = queryFunction("folio_maybe_mapped_shared", isTrue);
  const expected = queryFunction("folio_expected_ref_count", itself);
  const mapcount = queryFunction("folio_mapcount", itself);
  const precise = queryFunction("folio_precise_page_mapcount", itself);
  const average = queryFunction("folio_average_page_mapcount", itself);
  return {
    ...(expected && { folioExpectedRefCount: (folio) => query(expected, folio) }),
    ...(precise && { folioPrecisePageMapcount: (folio, page) => query(precise, folio, page) }),
    ...(average && { folioAveragePageMapcount: (folio) => query(average, folio) }),
    ...(shared && { folioMaybeMappedShared: (folio) => queryEither(shared, folio) }),
    ...(mapcount && { folioMapcount: (folio) => queryEither(mapcount, folio) }),
  };
}

/** Whether a folio has all fields: in the owner-tracking machine it has the owner-tracking fields only. */
function isWhole(folio: TrackedFolio): folio is Folio {
  return "refcount" in folio;
}
