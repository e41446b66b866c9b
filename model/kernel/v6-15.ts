/** Linux 6.15, where the series was merged. @source series v3, 2025-03-03 (6220ea5583e9 … 749492229e3b) */
import type { KernelConfig } from "../config.ts";
import * as fork from "./fork.ts";
import * as gup from "./gup.ts";
import * as hugeMemory from "./huge-memory.ts";
import * as internal from "./internal.ts";
import type { Kernel } from "./kernel.ts";
import * as khugepaged from "./khugepaged.ts";
import * as largeMapcount from "./large-mapcount.ts";
import * as largeMapcountWithoutMmId from "./large-mapcount-without-mm-id.ts";
import * as memory from "./memory.ts";
import * as migrate from "./migrate.ts";
import * as mm from "./mm.ts";
import * as pageAlloc from "./page-alloc.ts";
import * as proc from "./proc.ts";
import * as rmap from "./rmap.ts";
import * as rmapWalk from "./rmap-walk.ts";
import * as swapfile from "./swapfile.ts";
import * as vmscan from "./vmscan.ts";
import { Warnings } from "./warnings.ts";

/** The kernel `v6.15` in a configuration. */
export function v6_15(config: KernelConfig): Kernel {
  return {
    name: "v6.15",
    config,
    tracksTotalMappedPages: false,
    tracksEntireMapcount: true,
    tracksNrPagesMapped: config.pageMapcount,
    averageTakesPageType: true,
    warnings: new Warnings(),
    ...largeMapcount,
    ...(config.mmId ? {} : largeMapcountWithoutMmId),
    ...rmap,
    ...rmapWalk,
    ...mm,
    ...internal,
    ...memory,
    ...hugeMemory,
    ...khugepaged,
    ...migrate,
    ...gup,
    ...swapfile,
    ...vmscan,
    ...pageAlloc,
    ...fork,
    ...proc,
  };
}
