/** Operations on pages through references: get_user_pages(), pin_user_pages(), and what holders do with the pages. */
import { type Bounds, range } from "../../../machines/machine.ts";
import { FIRST_PAGE, hasGup, PMD_PAGES } from "../world/image-bounds.ts";
import { Gup, PAGES } from "../world/world-layout.ts";
import { family, type OperationFamily, type PageRange } from "./operation-family.ts";

/** Ways to take pages, by name: the reference, and the access. */
const WAYS = {
  get: 0,
  getWrite: Gup.write,
  pin: Gup.pin,
  pinWrite: Gup.pin | Gup.write,
  pinLongterm: Gup.pin | Gup.longterm,
} as const;

type Way = keyof typeof WAYS;

/** With the lock of the address space held. */
const SLOW: readonly Way[] = ["get", "pin", "pinWrite", "pinLongterm"];
/** Without a lock, unless a fault is needed. */
const FAST: readonly Way[] = ["getWrite", "pin", "pinWrite"];

/** A range without pages, and both ends of the address space. */
const ENDS: readonly PageRange[] = [
  { page: 0, pages: 0 },
  { page: -FIRST_PAGE, pages: 1 },
  { page: PAGES - 1 - FIRST_PAGE, pages: 2 },
];

/**
 * Returns the ranges: a page; several, over the border of VMAs that mprotect() makes or of two page tables; and several
 * of which the last one has no VMA.
 */
function rangesOf(pages: number): readonly PageRange[] {
  return pages === PMD_PAGES
    ? [
        { page: 0, pages: 1 },
        { page: 3, pages: 2 },
        { page: 4, pages: 5 },
      ]
    : [
        { page: 0, pages: 1 },
        { page: 6, pages: 4 },
        { page: 12, pages: 5 },
      ];
}

/** Parameters of an operation that takes pages. */
type Taking = {
  readonly mm: number;
  readonly range: { readonly page: number; readonly pages: number };
  readonly way: Way;
};

/** Returns the operations within the bounds. */
export function gupOperations(bounds: Bounds): readonly OperationFamily[] {
  const { mms = 2, pages = PMD_PAGES, gup = 0 } = bounds;
  if (!hasGup(bounds)) {
    return [];
  }
  const ranges = [...rangesOf(pages), ...(bounds["gupends"] === 1 ? ENDS : [])];
  const takes = (name: string, ways: readonly Way[], variant: number, racing: readonly Way[]): OperationFamily =>
    family<Taking>(
      name,
      { mm: range(0, mms - 1), range: ranges, way: ways },
      ({ mm, range: { page, pages: count }, way }) => ["gup", mm, FIRST_PAGE + page, count, WAYS[way] | variant, gup],
      ({ range: { page, pages: count }, way }) => page === 0 && count > 0 && racing.includes(way),
    );
  const holder = range(0, gup - 1);
  return [
    takes("getUserPages", SLOW, 0, ["pin"]),
    takes("getUserPagesFast", FAST, Gup.fast, ["pin", "pinWrite"]),
    family<{ holder: number }>("putUserPages", { holder }, ({ holder: number }) => ["put_user_pages", number]),
    family<{ holder: number }>(
      "deviceWrite",
      { holder },
      ({ holder: number }) => ["device_write", number],
      // A child that is forked meanwhile may have what was there before, or after.
      () => false,
    ),
  ];
}
