/** Log of accesses of kernel functions to a folio, in order: loads, stores, atomics, locks and barriers. */
import type { Kernel } from "../../model/kernel/kernel.ts";
import type { Folio, MmIdSlot, Page } from "../../model/state/structs.ts";

/** Fields that no other CPU changes while a function runs; not logged. */
const STABLE = ["nrPages", "hpagePmdNr", "frameNumber", "index", "allocated", "anon", "slots", "pages"];

/** Atomics, locks and barriers: logged as one access each. */
const SINGLE = [
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
] as const satisfies readonly (keyof Kernel)[];

/** Wraps an object so that its accesses are logged. */
export type Trace = <T extends object>(target: T, prefix: string) => T;

/**
 * Returns the accesses of a run: `r f` loads field f, `w f` stores to it, a name alone is an atomic, a lock or a
 * barrier. Fields of slots and pages have their position in front.
 *
 * @param run calls a function of the traced kernel on the traced folio; `trace` traces other objects, with a prefix for
 *   fields
 */
export function accessesOf(
  kernel: Kernel,
  folio: Folio,
  run: (kernel: Kernel, folio: Folio, trace: Trace) => void,
): string[] {
  const log: string[] = [];
  let isMuted = false;
  const note = (text: string): void => {
    if (!isMuted) {
      log.push(text);
    }
  };
  const traced = <T extends object>(target: T, prefix: string): T =>
    new Proxy(target, {
      get: (object, name) => {
        if (!STABLE.includes(String(name))) {
          note(`r ${prefix}${String(name)}`);
        }
        return Reflect.get(object, name);
      },
      set: (object, name, value) => {
        if (!STABLE.includes(String(name))) {
          note(`w ${prefix}${String(name)}`);
        }
        return Reflect.set(object, name, value);
      },
    });
  const slots = folio.slots.map((slot: MmIdSlot, i) => traced(slot, `slot${i}.`));
  const pages = folio.pages.map((page: Page, i) => traced(page, `page${i}.`));
  const singles = Object.fromEntries(
    SINGLE.map((name) => [
      name,
      function (this: Kernel, ...parameters: unknown[]): unknown {
        note(name);
        isMuted = true;
        try {
          return (kernel[name] as (...parameters: unknown[]) => unknown).apply(this, parameters);
        } finally {
          isMuted = false;
        }
      },
    ]),
  );
  run({ ...kernel, ...singles }, traced({ ...folio, slots, pages }, ""), traced);
  return log;
}
