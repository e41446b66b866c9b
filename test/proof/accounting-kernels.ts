/** The kernels of the model that patch what the proof of accounting executes. */
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { kernelNamed, VARIANTS } from "../../model/kernels/index.ts";
import { type ExecutedAccounting, modelAccounting } from "../../proof/accounting/executed-accounting.ts";

/** The functions under proof that such kernels override. */
const FUNCTIONS = /^folio(?:Add|Remove)Rmap(?:Ptes|Pmd)?$|^folioModStat$|^deferredSplitFolio$/;

/** Their names. Patches of accesses and locks do the same when an operation runs as a whole. */
export const ACCOUNTING_KERNELS: readonly string[] = VARIANTS.filter(
  ({ base, caught, overrides }) =>
    base === "v7.1" && caught?.machine !== "race" && Object.keys(overrides).some((name) => FUNCTIONS.test(name)),
).map(({ name }) => name);

/** A kernel without page mapcounts. */
export function accountingKernel(name: string, width = "64bit"): Kernel {
  const kernel = kernelNamed(name, parseConfig(`no-page-mapcount,${width}`));
  if (kernel === undefined) {
    throw new Error(`no kernel ${name}`);
  }
  return kernel;
}

/** Its functions. */
export function accountingOf(name: string): ExecutedAccounting {
  return modelAccounting(accountingKernel(name));
}
