/** Every scope at bounds so small that slow checks can visit all of it. */
import type { Bounds } from "../../machines/machine.ts";

/** Machine with page tables at given bounds. */
export interface TinyWorld {
  readonly scope: string;
  readonly bounds: Bounds;
  readonly config: string;
}

const order1 = { pages: 2, minPages: 2, smallFolios: 0, holders: 0 };

/** Each scope once or more; sizes are below a thousand states. */
export const TINY_WORLDS: readonly TinyWorld[] = [
  { scope: "pmd", bounds: { ...order1, smallFolios: 1 }, config: "no-page-mapcount" },
  { scope: "pmd", bounds: { ...order1, anon: 0, file: 1 }, config: "" },
  { scope: "cow", bounds: order1, config: "no-page-mapcount" },
  { scope: "cow", bounds: { ...order1, mms: 1, holders: 2, pmd: 1 }, config: "" },
  { scope: "mremap", bounds: order1, config: "" },
  { scope: "pins", bounds: { ...order1, mms: 1, smallFolios: 1, holders: 1 }, config: "32bit" },
  { scope: "swap", bounds: { ...order1, pages: 1, minPages: 1, smallFolios: 1, swapSlots: 1 }, config: "" },
  { scope: "swap", bounds: { ...order1, mms: 1, swapSlots: 2, pmd: 1 }, config: "no-page-mapcount" },
  { scope: "shmem", bounds: { pages: 2, minPages: 1, smallFolios: 1, swapSlots: 2, holders: 0 }, config: "" },
  {
    scope: "shmem",
    bounds: { ...order1, mms: 1, smallFolios: 1, swapSlots: 2, holders: 1 },
    config: "no-page-mapcount",
  },
  { scope: "migration", bounds: { ...order1, folios: 1, pmd: 0 }, config: "" },
  { scope: "migration", bounds: { ...order1, folios: 2, mms: 1 }, config: "no-page-mapcount" },
  { scope: "split", bounds: { ...order1, smallFolios: 1, mms: 1, holders: 1 }, config: "" },
  { scope: "split", bounds: { ...order1, smallFolios: 1 }, config: "no-page-mapcount" },
];
