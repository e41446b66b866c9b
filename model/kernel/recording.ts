/** Records the calls of kernel functions, for traces. */

import type { Folio } from "../state/structs.ts";
import { type CallNode, callTreeOf, type LoggedCall } from "./call-node.ts";
import { callOf, type FunctionName, resultOf } from "./call-values.ts";
import type { Kernel } from "./kernel.ts";
import { warningName } from "./warnings.ts";

/** Functions that traces omit: queries, and parts of recorded functions. */
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

/**
 * Functions that the environment also calls as queries, to check whether a step fits the bounds; such calls are not
 * recorded.
 */
const QUERIED_BY_ENVIRONMENT: ReadonlySet<string> = new Set<FunctionName>(["wpCanReuseAnonFolio", "hugePmdCanReuse"]);

/** Functions whose own calls are not recorded: the model allocates a folio for split-off pages, the kernel does not. */
const RECORDED_WITHOUT_CALLS: ReadonlySet<string> = new Set<FunctionName>(["splitOffPage"]);

/** Functions called for every MM and every page, recorded only if they call another function. */
const RECORDED_WITH_CALLS: ReadonlySet<string> = new Set<FunctionName>([
  "tryToMigrateOne",
  "copyPteRange",
  "remapPage",
]);

/** Kernel that records its calls. */
export interface Recording {
  readonly kernel: Kernel;
  /** Returns the calls since the previous `take()`, in order. */
  take(): CallNode[];
}

type Run = (...parameters: unknown[]) => unknown;

/** Wraps a kernel so that it records its calls. */
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
    const node = callOf(name, parameters);
    add(node);
    depth += 1;
    try {
      const value = RECORDED_WITHOUT_CALLS.has(name) ? mute(run) : run();
      const result = resultOf(name, value);
      if (result !== undefined) {
        log[at] = { node: { ...node, result }, depth: depth - 1 };
      }
      return value;
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
      if (muted || hasNoEffect(name, parameters)) {
        return call();
      }
      return depth === 0 && QUERIED_BY_ENVIRONMENT.has(name) ? mute(call) : record(name, parameters, call);
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
      const calls = callTreeOf(log);
      log = [];
      return calls;
    },
  };
}

/**
 * Whether a call to take a folio off the queue has no effect. The shrinker may have removed the folio and left its
 * flag.
 */
function hasNoEffect(name: FunctionName, [folio]: readonly unknown[]): boolean {
  switch (name) {
    case "folioUnqueueDeferredSplit":
      return !(folio as Folio).onDeferredList;
    case "unqueueSplitFolio":
      return !((folio as Folio).onDeferredList || (folio as Folio).partiallyMapped);
    default:
      return false;
  }
}
