/** Extent of the pictures of a trace: the MMs, folios, slots and holders that occur in any of its states. */
import { NOTHING, pteText } from "../../trace/entry.ts";
import { type DrawnMm, type DrawnState, type DrawnVma, foliosOf } from "../../trace/state.ts";

/** VMA with its number of entries. */
export interface ShapeVma {
  readonly position: number;
  /** Text that distinguishes it from the other VMAs; empty if there is nothing to distinguish. */
  readonly label: string;
  readonly entries: number;
}

/** MM with its VMAs; none in machines without page tables. */
export interface ShapeMm {
  readonly position: number;
  readonly vmas: readonly ShapeVma[];
}

/** Folio with its largest number of pages. */
export interface ShapeFolio {
  readonly position: number;
  readonly pages: number;
}

/** Positions of everything that is drawn. The same for all states of a trace, so that nothing moves between steps. */
export interface PictureShape {
  readonly mms: readonly ShapeMm[];
  readonly folios: readonly ShapeFolio[];
  readonly swapSlots: readonly number[];
  readonly filePages: readonly number[];
  readonly holders: readonly number[];
}

/** Returns the shape of states: those of one trace, or those that a reader may visit next. */
export function shapeOf(states: readonly DrawnState[]): PictureShape {
  return {
    mms: positionsIn(states, ({ mms }) => mms.map((mm) => isUsed(mm))).map((position) => ({
      position,
      vmas: vmasOf(states, position),
    })),
    folios: positionsIn(states, (state) => foliosOf(state).map(({ allocated }) => allocated !== false)).map(
      (position) => ({ position, pages: pagesOf(states, position) }),
    ),
    swapSlots: states.some(({ swapSlots = [] }) => swapSlots.some(({ count, folio }) => count > 0 || folio > 0))
      ? positionsIn(states, ({ swapSlots = [] }) => swapSlots.map(() => true))
      : [],
    filePages: states.some(({ filePages = [] }) => filePages.some(({ swap, expected }) => swap > 0 || expected === 1))
      ? positionsIn(states, ({ filePages = [] }) => filePages.map(() => true))
      : [],
    holders: positionsIn(states, ({ holders = [] }) => holders.map(({ kind }) => kind !== 0)),
  };
}

/** Returns the positions that are used in any state. */
function positionsIn(states: readonly DrawnState[], used: (state: DrawnState) => readonly boolean[]): number[] {
  const positions = new Set<number>();
  for (const state of states) {
    for (const [position, isInUse] of used(state).entries()) {
      if (isInUse) {
        positions.add(position);
      }
    }
  }
  return [...positions].sort((a, b) => a - b);
}

function isUsed({ live, mapped, vmas = [] }: DrawnMm): boolean {
  return (live ?? (mapped === undefined || mapped > 0)) || vmas.some(isVmaUsed);
}

function isVmaUsed({ pmd, ptes }: DrawnVma): boolean {
  return (pmd !== undefined && pmd.folio !== 0) || ptes.some((pte) => pteText(pte) !== NOTHING);
}

/** Returns the VMAs of an MM, without those that no MM uses in any state. */
function vmasOf(states: readonly DrawnState[], mm: number): ShapeVma[] {
  const vmas = states[0]?.mms[mm]?.vmas ?? [];
  const isEverUsed = (position: number): boolean =>
    states.some(({ mms }) => mms.some((each) => each.vmas?.[position] !== undefined && isVmaUsed(each.vmas[position])));
  const used = vmas.map((_, position) => position).filter(isEverUsed);
  const shown = used.length === 0 ? [0] : used;
  return shown.flatMap((position) => {
    const vma = vmas[position];
    const isPlain = shown.length === 1 && vma?.anonymous !== false;
    return vma === undefined
      ? []
      : [{ position, label: isPlain ? "" : labelOf(vma, position), entries: vma.ptes.length }];
  });
}

function labelOf({ anonymous, label }: DrawnVma, position: number): string {
  const kind = anonymous === undefined ? "" : anonymous ? " anon" : " file";
  return label ?? `vma ${position}${kind}`;
}

function pagesOf(states: readonly DrawnState[], position: number): number {
  return Math.max(
    1,
    ...states.map((state) => {
      const folio = foliosOf(state)[position];
      return folio === undefined || folio.allocated === false ? 1 : folio.nrPages;
    }),
  );
}
