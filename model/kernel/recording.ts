/** Records which kernel functions ran: for traces. */

import type { Folio } from "../state/structs.ts";
import { type CallNode, callTreeOf, type LoggedCall } from "./call-node.ts";
import { callOf, type FunctionName, resultOf } from "./call-values.ts";
import type { Kernel } from "./kernel.ts";
import { warningName } from "./warnings.ts";

/** What only asks a question, or is part of a recorded function: a trace would drown in them. */
const NOT_RECORDED: ReadonlySet<string> = new Set<FunctionName>([
  "folioRefAdd",
  "folioRefSub",
  "folioRefSubAndTest",
  "folioTryGet",
  "folioRefFreeze",
  "folioRefUnfreeze",
  "entireMapcountAdd",
  "entireMapcountAddReturn",
  "nrPagesMappedAddReturn",
  "pageMapcountAdd",
  "pageMapcountAddReturn",
  "largeMapcountAddReturn",
  "pincountAdd",
  "nodeStatAdd",
  "folioLockLargeMapcount",
  "folioUnlockLargeMapcount",
  "bitSpinLock",
  "bitSpinUnlock",
  "splitQueueLock",
  "splitQueueUnlock",
  "swapClusterLock",
  "swapClusterUnlock",
  "folioTrylock",
  "folioLock",
  "folioUnlock",
  "smpMb",
  "smpMbAfterAtomic",
  "smpRmb",
  "folioTestLarge",
  "pageMapcountIsType",
  "folioMapcount",
  "folioEntireMapcount",
  "folioMaybeMappedShared",
  "folioHasPincount",
  "folioMaybeDmaPinned",
  "folioNeedsCowForDma",
  "folioExpectedRefCount",
  "folioTestPmdMappable",
  "thpUnderused",
  "folioSwapped",
  "areSlotsNeeded",
  "swapOnlyHasCache",
  "swapCacheGetFolio",
  "folioMatchesSwapEntry",
  "tryToReclaimSwap",
  "filemapGetEntry",
  "nextUptodateFolio",
  "folioPteBatch",
  "swapPteBatch",
  "swappedOutCompletely",
  "shouldTryToFreeSwap",
  "swapInBeforeMapping",
  "swapInAfterMapping",
  "swapInEntryChanged",
  "swapInBackOut",
  "folioLargeMapcountSanityChecks",
  "mmIdSlotSanityChecks",
  "addMappedPages",
  "wpReuseChecks",
  "sanityCheckPinnedPages",
  "incPageMapcounts",
  "decPageMapcounts",
  "dupMappings",
  "dupPageMapping",
  "takeQueued",
  "splitQueued",
  "folioModStat",
  "folioFree",
  "prepNewPage",
  "prepCompoundHead",
  "freeTailPagePrepare",
  "resetPage",
  "splitHugePmd",
  "mapAnonFolioPtes",
  "copyPmdRange",
  "copyPresentPtes",
  "zapPmdRange",
  "followPagePte",
  "followHugePmd",
  "freeSwapCache",
  "mmput",
  "assertDecision",
]);

/** What the environment asks, besides, to learn whether there is room for a step. */
const ASKED_BEFORE: ReadonlySet<string> = new Set<FunctionName>(["wpCanReuseAnonFolio", "hugePmdCanReuse"]);

/** Whose calls are not recorded: a split does not allocate what it gives a page of its own, the model does. */
const RECORDED_WITHOUT_CALLS: ReadonlySet<string> = new Set<FunctionName>(["splitOffPage"]);

/** What comes to every MM and every page, and is recorded only where it calls something. */
const RECORDED_WITH_CALLS: ReadonlySet<string> = new Set<FunctionName>([
  "tryToMigrateOne",
  "copyPteRange",
  "remapPage",
]);

/** A kernel that records its calls. */
export interface Recording {
  readonly kernel: Kernel;
  /** The calls since the last time, in order. */
  take(): CallNode[];
}

type Run = (...parameters: unknown[]) => unknown;

/** The same kernel, recording its calls. */
export function recording(kernel: Kernel): Recording {
  let log: LoggedCall[] = [];
  let depth = 0;
  let muted = false;
  const add = (node: LoggedCall["node"]): void => {
    if (!muted) {
      log.push({ node, depth });
    }
  };
  const mute = <T>(run: () => T): T => {
    const before = muted;
    muted = true;
    try {
      return run();
    } finally {
      muted = before;
    }
  };

  const record = <T>(name: FunctionName, parameters: readonly unknown[], run: () => T): T => {
    const at = log.length;
    const called = callOf(name, parameters);
    add(called);
    depth += 1;
    try {
      const returned = RECORDED_WITHOUT_CALLS.has(name) ? mute(run) : run();
      const result = resultOf(name, returned);
      if (result !== undefined) {
        log[at] = { node: { ...called, result }, depth: depth - 1 };
      }
      return returned;
    } finally {
      depth -= 1;
      if (log.length === at + 1 && RECORDED_WITH_CALLS.has(name)) {
        log.pop();
      }
    }
  };

  const wrap = (name: FunctionName, run: Run): Run =>
    function (this: Kernel, ...parameters: unknown[]): unknown {
      const call = (): unknown => run.apply(this, parameters);
      if (muted || hasNothingToDo(name, parameters)) {
        return call();
      }
      return depth === 0 && ASKED_BEFORE.has(name) ? mute(call) : record(name, parameters, call);
    };

  const vmWarnOn: Kernel["vmWarnOn"] = function (this: Kernel, condition, warning) {
    if (condition) {
      add({ kind: "warning", name: warningName(warning) ?? String(warning), args: [] });
    }
    kernel.vmWarnOn.call(this, condition, warning);
  };

  const entries = Object.entries(kernel).map(([name, value]) => [
    name,
    typeof value === "function" && !NOT_RECORDED.has(name) ? wrap(name as FunctionName, value as Run) : value,
  ]);
  return {
    kernel: { ...(Object.fromEntries(entries) as Kernel), vmWarnOn },
    take: () => {
      const taken = callTreeOf(log);
      log = [];
      return taken;
    },
  };
}

/** A folio that is not queued needs not be taken off the queue; the shrinker may have done that, and left the flag. */
function hasNothingToDo(name: FunctionName, [folio]: readonly unknown[]): boolean {
  switch (name) {
    case "folioUnqueueDeferredSplit":
      return !(folio as Folio).onDeferredList;
    case "unqueueSplitFolio":
      return !((folio as Folio).onDeferredList || (folio as Folio).partiallyMapped);
    default:
      return false;
  }
}
