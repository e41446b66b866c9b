/** Claims that the machines with page tables check. */
import type { WorldView } from "../model/environment/view.ts";
import {
  type Applicability,
  allOf,
  needsAnon,
  needsContents,
  needsEntireMapcount,
  needsHolders,
  needsLargeFolios,
  needsMachine,
  needsMigration,
  needsMmId,
  needsMms,
  needsNoPageMapcount,
  needsNoPmd,
  needsNoSwap,
  needsNoticedMigration,
  needsNrPagesMapped,
  needsOverflow,
  needsPageMapcount,
  needsPages,
  needsPins,
  needsPmd,
  needsPrivate,
  needsPtesOfLarge,
  needsShmem,
  needsSwap,
  needsTotalMappedPages,
  needsUnnoticedMigration,
  needsWriteFaults,
} from "./applicability.ts";
import * as copyOnWrite from "./copy-on-write.ts";
import * as counters from "./counters.ts";
import * as exclusivity from "./exclusivity.ts";
import * as partiallyMapped from "./partially-mapped.ts";
import * as progress from "./progress.ts";
import * as readers from "./readers.ts";
import * as sharedFiles from "./shared-files.ts";
import * as slots from "./slots.ts";
import * as stats from "./stats.ts";
import * as structPage from "./struct-pages.ts";
import { TRACKING } from "./tracking.ts";
import * as witnesses from "./witnesses.ts";

/** Claims about states with page tables, each with its condition of applicability. */
export const PAGE_TABLE_CLAIMS: readonly Applicability<WorldView>[] = [
  ...TRACKING,
  { property: exclusivity.exactForTwoMms, unless: allOf(needsMmId, needsLargeFolios) },
  { property: slots.freeIsFresh },
  { property: slots.noBadPage },
  { property: counters.entireMapcountIsExact, unless: allOf(needsLargeFolios, needsEntireMapcount) },
  { property: counters.totalMappedPagesIsExact, unless: allOf(needsLargeFolios, needsTotalMappedPages) },
  { property: counters.pageMapcountsAreExact },
  {
    property: counters.nrPagesMappedIsExact,
    unless: allOf(needsLargeFolios, needsPageMapcount, needsNrPagesMapped),
  },
  { property: counters.noBadPte },
  { property: counters.refcountCoversMappings },
  { property: counters.refcountIsExact },
  { property: counters.expectedRefcountIsExact },
  { property: counters.pincountIsExact, unless: needsPins },
  { property: counters.swapCountIsExact, unless: needsSwap },
  { property: counters.unreferencedIsFree },
  { property: copyOnWrite.writesArePrivate, unless: needsPrivate },
  { property: sharedFiles.writesAreShared, unless: needsShmem },
  { property: copyOnWrite.heldPagesArePrivate, unless: allOf(needsContents, needsPins) },
  { property: copyOnWrite.pinnedPageStaysMapped, unless: allOf(needsContents, needsPins) },
  { property: copyOnWrite.reuseOnlyWhenAlone, unless: allOf(needsWriteFaults, needsMms(2)) },
  { property: copyOnWrite.noReuseWarning, unless: allOf(needsWriteFaults, needsMmId) },
  {
    property: copyOnWrite.reuseWhenAlone,
    unless: allOf(needsWriteFaults, needsMmId, needsLargeFolios, needsMms(2), needsPtesOfLarge),
  },
  { property: copyOnWrite.exclusiveIsMappedOnce, unless: needsAnon },
  { property: copyOnWrite.writableIsExclusive, unless: needsAnon },
  { property: copyOnWrite.pinnedIsExclusive, unless: needsPins },
  { property: copyOnWrite.pinOnlyWhenAlone, unless: needsPins },
  { property: copyOnWrite.noExclusiveWarning, unless: needsAnon },
  { property: copyOnWrite.exclusiveEntryIsTheOnlyOne, unless: allOf(needsSwap, needsAnon) },
  { property: stats.wholeFoliosAreAccounted, unless: needsNoPageMapcount },
  { property: stats.pmdMappedIsAccounted, unless: allOf(needsNoPageMapcount, needsPmd) },
  { property: stats.mappedPagesAreAccounted, unless: needsPageMapcount },
  { property: stats.pmdMappedPagesAreAccounted, unless: allOf(needsPageMapcount, needsPmd) },
  {
    property: partiallyMapped.partialMappingIsDetected,
    unless: allOf(needsMmId, needsAnon, needsPages(4), needsNoSwap, needsNoticedMigration),
  },
  { property: partiallyMapped.queueIsRight, unless: allOf(needsMmId, needsAnon, needsPages(4)) },
  {
    property: partiallyMapped.undetectedAfterSwap,
    unless: allOf(needsMmId, needsAnon, needsPages(4), needsSwap),
  },
  {
    property: partiallyMapped.undetectedAfterMigration,
    unless: allOf(needsMmId, needsAnon, needsPages(4), needsUnnoticedMigration),
  },
  {
    property: partiallyMapped.markedThoughWhole,
    unless: allOf(needsMmId, needsAnon, needsPages(4), needsMigration, needsNoPmd),
  },
  { property: readers.privateIsPrivate },
  { property: readers.mmapExclusiveIsExclusive },
  { property: readers.privateIsExact, unless: needsPageMapcount },
  { property: readers.pagemapLooksAtHead, unless: allOf(needsPageMapcount, needsPmd, needsAnon, needsMms(2)) },
  { property: readers.kpagecountIsPrecise, unless: needsPageMapcount },
  { property: readers.kpagecountIsAverage, unless: needsNoPageMapcount },
  { property: exclusivity.overflowIsNeverExclusive, unless: needsOverflow },
  { property: slots.freeIdIsHeldByNoSlot, unless: needsMmId },
  { property: slots.liveMmHasId, unless: needsMmId },
  {
    property: partiallyMapped.sameHalfUnmappedByBoth,
    unless: allOf(needsNoPageMapcount, needsAnon, needsPages(4), needsMms(2)),
  },
  {
    property: partiallyMapped.onePageEach,
    unless: allOf(needsNoPageMapcount, needsAnon, needsPages(4), needsMms(4)),
  },
  { property: witnesses.overflowFreesSlot, unless: needsOverflow },
  { property: readers.privateIsMissed, unless: allOf(needsNoPageMapcount, needsLargeFolios, needsMms(2)) },
  { property: structPage.splitLeavesNoOwner, unless: allOf(needsMachine("split"), needsMmId) },
  { property: progress.folioIsSplit, unless: needsMachine("split") },
  { property: progress.queuedFolioIsSplit, unless: allOf(needsMachine("split"), needsPages(4)) },
  { property: progress.folioIsUnmappedForMigration, unless: needsMigration },
  { property: progress.folioIsMigrated, unless: needsMigration },
  { property: progress.folioEntersSwapCache, unless: needsSwap },
  { property: progress.folioIsUnmappedForSwap, unless: needsSwap },
  { property: progress.folioIsSwappedOut, unless: needsSwap },
  { property: progress.pagesAreCollapsed, unless: allOf(needsMachine("pmd"), needsAnon) },
  {
    property: copyOnWrite.referencePreventsReuse,
    unless: allOf(needsMmId, needsPrivate, needsHolders, needsLargeFolios, needsMms(2), needsPtesOfLarge),
  },
];
