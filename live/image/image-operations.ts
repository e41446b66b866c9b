/** Maps steps of a trace of an image to operations that perform them. */
import { ELSEWHERE, FIRST_PAGE, PMD_PAGES } from "../../gate/image/world/image-bounds.ts";
import type { VisiblePage, VisibleState } from "../../gate/image/world/visible-state.ts";
import type { Bounds } from "../../machines/machine.ts";
import type { Operation } from "../session/operation.ts";
import { folioOfPage, mappingsOf, visiblePage } from "./image-expectation.ts";
import { entryOfPage } from "./image-geometry.ts";
import type { ImageTraceStep } from "./image-trace.ts";

const MADV_DONTNEED = 4;
const MADV_FREE = 8;
const MADV_DONTFORK = 10;
const MADV_PAGEOUT = 21;

/** A step, with the states before and after it. */
export interface ImageTransition {
  readonly step: ImageTraceStep;
  /** The following step, if there is one. */
  readonly next: ImageTraceStep | undefined;
  readonly bounds: Bounds;
  /** Pages of an entry. */
  readonly run: number;
  readonly before: VisibleState;
  /** Undefined if the step ends in a fault. */
  readonly after: VisibleState | undefined;
  /** By number of a folio: all processes that have mapped it so far. */
  readonly mappers: ReadonlyMap<number, ReadonlySet<number>>;
}

/** The way to perform a step from user space, or the reason why there is none. */
export type ImageMeans =
  | { readonly kind: "operation"; readonly operation: Operation }
  /** The operation of the preceding step has performed this one as well. */
  | { readonly kind: "done" }
  | { readonly kind: "impossible"; readonly why: string };

type Values = Readonly<Record<string, unknown>>;
type Range = { readonly page: number; readonly pages: number };

function numberIn(values: Values, name: string): number {
  return Number(values[name] ?? 0);
}

const operation = (made: Operation): ImageMeans => ({ kind: "operation", operation: made });
const impossible = (why: string): ImageMeans => ({ kind: "impossible", why });

/** Returns the way to perform a step. */
export function meansOf(transition: ImageTransition): ImageMeans {
  const { step, next, bounds } = transition;
  const { action } = step;
  const parameters = step.parameters as Values;
  const mm = numberIn(parameters, "mm");
  const { pages = PMD_PAGES } = bounds;
  const { page: first, pages: count } = (parameters["range"] ?? { page: 0, pages: 0 }) as Range;
  switch (action) {
    case "write":
      return writing(transition, mm, FIRST_PAGE + numberIn(parameters["fault"] as Values, "page"));
    case "read": {
      const entry = numberIn(parameters, "page");
      const isPresent = visiblePage(transition.before, mm, FIRST_PAGE + entry) !== undefined;
      return operation(isPresent ? { kind: "read", mm, vma: 0, entry } : { kind: "readIn", mm, entry });
    }
    case "fork":
      return forking(transition, mm);
    case "exit":
      return operation({ kind: "exit", mm });
    case "dontneed":
      return operation({ kind: "advise", mm, first, count, advice: MADV_DONTNEED });
    case "madvFree":
      return operation({ kind: "advise", mm, first, count, advice: MADV_FREE });
    case "dontfork":
      return operation({ kind: "advise", mm, first: pages / 2, count: pages / 2, advice: MADV_DONTFORK });
    case "shrink":
      return operation({ kind: "shrink" });
    case "mprotect":
      return operation({
        kind: "setProtection",
        mm,
        first: 0,
        count: parameters["half"] === true ? pages / 2 : pages,
        writable: parameters["write"] === true,
      });
    case "munmap":
      return operation({ kind: "unmapArea", mm, first, count });
    case "mremap": {
      const elsewhere = entryOfPage(ELSEWHERE + numberIn(parameters, "shift") + first);
      const [from, to] = parameters["back"] === true ? [elsewhere, first] : [first, elsewhere];
      return operation({ kind: "moveArea", mm, from, count, to });
    }
    case "clearSoftDirty":
      return operation({ kind: "clearSoftDirty", mm });
    case "split":
      return splitting(transition, mm, numberIn(parameters, "page"));
    case "migrateBegin":
      return next?.action === "migrateFinish"
        ? operation({ kind: "migrate", mm, entry: numberIn(parameters, "page") })
        : impossible("a migration does not stop half-way");
    case "migrateFinish":
      return { kind: "done" };
    case "migrateUndo":
      return impossible("a migration is not given up when it is asked for");
    case "reclaim":
      return reclaiming(transition, mm, FIRST_PAGE + numberIn(parameters, "page"));
    default:
      return impossible(`it is not known what ${action} is`);
  }
}

/** A write to an entry: a store if it is present, else a fault that allocates the folio of the state after it. */
function writing(transition: ImageTransition, mm: number, page: number): ImageMeans {
  const { before, after, step } = transition;
  const entry = entryOfPage(page);
  const present = visiblePage(before, mm, page);
  const written = visiblePage(after, mm, page);
  const value = written?.content ?? 1;
  if (present !== undefined) {
    const why = sizeObjection(transition, present);
    return why === undefined ? operation({ kind: "write", mm, entry, value }) : impossible(why);
  }
  const order = numberIn((step.parameters as Values)["fault"] as Values, "order");
  const made = after === undefined || written === undefined ? undefined : folioOfPage(after, written);
  const count = made?.pages ?? 2 ** order;
  return count > 1 && (written?.index ?? 0) !== 0
    ? impossible("the fault is not at the first page of the folio that it makes")
    : operation({ kind: "faultIn", mm, first: entry, count, value });
}

/**
 * Returns the reason why the reuse decision of a write may depend on the size of an entry; undefined if it does not.
 */
function sizeObjection({ before, run, mappers }: ImageTransition, present: VisiblePage): string | undefined {
  const folio = folioOfPage(before, present);
  if (run === 1 || folio === undefined || folio.pages === 1) {
    return undefined;
  }
  if (mappingsOf(before, folio.number).length === 1) {
    return "of a folio of which one page is mapped in the image, more are mapped here, and may be used further";
  }
  return (mappers.get(folio.number)?.size ?? 0) > 2
    ? "what the owner slots know of a folio that three processes mapped depends on its size"
    : undefined;
}

function splitting({ before, run, step }: ImageTransition, mm: number, entry: number): ImageMeans {
  const order = numberIn(step.parameters as Values, "order");
  const folio = visiblePage(before, mm, FIRST_PAGE + entry)?.folio;
  return operation({
    kind: "split",
    mm,
    entry,
    order: order === 0 ? 0 : order + Math.log2(run),
    own: folio !== undefined && mappingsOf(before, folio).every((mapping) => mapping.mm === mm),
  });
}

function forking({ before, after }: ImageTransition, parent: number): ImageMeans {
  const child = before.processes.indexOf(null);
  return after !== undefined && after.processes[child] === null
    ? impossible("the fork fails in the image")
    : operation({ kind: "fork", parent, child });
}

/** MADV_PAGEOUT reclaims a folio in the same way as the kernel, if the folio is entirely mapped and in the range. */
function reclaiming({ before }: ImageTransition, mm: number, page: number): ImageMeans {
  const entry = visiblePage(before, mm, page);
  const folio = entry && folioOfPage(before, entry);
  if (entry === undefined || folio === undefined) {
    return impossible("no folio is mapped there");
  }
  const mappings = mappingsOf(before, folio.number);
  if (mappings.some((mapping) => mapping.mm !== mm)) {
    return impossible("MADV_PAGEOUT leaves folios alone that several processes map");
  }
  const start = page - entry.index;
  const isWhole =
    mappings.length === folio.pages && mappings.every((mapping) => mapping.entry.page - mapping.entry.index === start);
  return isWhole
    ? operation({ kind: "advise", mm, first: entryOfPage(start), count: folio.pages, advice: MADV_PAGEOUT })
    : impossible("MADV_PAGEOUT splits a folio of which a part is mapped");
}
