/** Maps steps of a trace of an image to operations that perform them. */
import { ELSEWHERE, FIRST_PAGE, hasSwap, PMD_PAGES } from "../../gate/image/world/image-bounds.ts";
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
export type StepPlan =
  | { readonly kind: "operation"; readonly operation: Operation }
  /** The operation of the preceding step has performed this one as well. */
  | { readonly kind: "done" }
  | { readonly kind: "impossible"; readonly why: string };

type Values = Readonly<Record<string, unknown>>;
type Range = { readonly page: number; readonly pages: number };

function numberIn(values: Values, name: string): number {
  return Number(values[name] ?? 0);
}

const operation = (made: Operation): StepPlan => ({ kind: "operation", operation: made });
const impossible = (why: string): StepPlan => ({ kind: "impossible", why });

/** Returns the way to perform a step. */
export function planStep(transition: ImageTransition): StepPlan {
  const { step, next, bounds } = transition;
  const { action } = step;
  const parameters = step.parameters as Values;
  const mm = numberIn(parameters, "mm");
  const { pages = PMD_PAGES } = bounds;
  const { page: first, pages: count } = (parameters["range"] ?? { page: 0, pages: 0 }) as Range;
  switch (action) {
    case "write":
      return planWrite(transition, mm, FIRST_PAGE + numberIn(parameters["fault"] as Values, "page"));
    case "read": {
      const entry = numberIn(parameters, "page");
      const isPresent = visiblePage(transition.before, mm, FIRST_PAGE + entry) !== undefined;
      return operation(isPresent ? { kind: "read", mm, vma: 0, entry } : { kind: "readIn", mm, entry });
    }
    case "fork":
      return planFork(transition, mm);
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
      return planSplit(transition, mm, numberIn(parameters, "page"));
    case "migrateBegin":
      return next?.action === "migrateFinish"
        ? operation({ kind: "migrate", mm, entry: numberIn(parameters, "page") })
        : impossible("a migration does not stop half-way");
    case "migrateFinish":
      return { kind: "done" };
    case "migrateUndo":
      return impossible("user space cannot abort a migration");
    case "uffdMove":
      return impossible("UFFDIO_MOVE is not one of the operations on a running kernel yet");
    case "madvCollapse":
    case "khugepaged":
      return impossible("a huge page has more entries than the program uses");
    case "age":
      return impossible("user space cannot clear the accessed bits of one folio");
    case "getUserPages":
    case "getUserPagesFast":
    case "putUserPages":
    case "deviceWrite":
      return impossible("user space cannot hold pages by get_user_pages() alone");
    case "fileWrite":
    case "fileRead":
    case "fileDontneed":
    case "fileMunmap":
    case "truncate":
    case "punchHole":
    case "fileShrink":
    case "fileSplit":
    case "fileMigrateBegin":
    case "fileReclaim":
      return impossible("processes on a running kernel are not given a file here");
    case "endWrite":
      return impossible("user space cannot delay a write to a swap device");
    case "reclaim":
      return planReclaim(transition, mm, FIRST_PAGE + numberIn(parameters, "page"));
    default:
      return impossible(`${action} is an unknown action`);
  }
}

/** A write to an entry: a store if it is present, else a fault that allocates the folio of the state after it. */
function planWrite(transition: ImageTransition, mm: number, page: number): StepPlan {
  const { before, after, step } = transition;
  const entry = entryOfPage(page);
  const pageBefore = visiblePage(before, mm, page);
  const pageAfter = visiblePage(after, mm, page);
  const value = pageAfter?.content ?? 1;
  if (pageBefore !== undefined) {
    const why = sizeDependence(transition, pageBefore);
    return why === undefined ? operation({ kind: "write", mm, entry, value }) : impossible(why);
  }
  const order = numberIn((step.parameters as Values)["fault"] as Values, "order");
  const newFolio = after === undefined || pageAfter === undefined ? undefined : folioOfPage(after, pageAfter);
  const count = newFolio?.pages ?? 2 ** order;
  return count > 1 && (pageAfter?.index ?? 0) !== 0
    ? impossible("the fault is not at the first page of the folio that it allocates")
    : operation({ kind: "faultIn", mm, first: entry, count, value });
}

/**
 * Returns the reason why the reuse decision of a write may depend on the size of an entry; undefined if it does not.
 */
function sizeDependence({ before, run, mappers }: ImageTransition, present: VisiblePage): string | undefined {
  const folio = folioOfPage(before, present);
  if (run === 1 || folio === undefined || folio.pages === 1) {
    return undefined;
  }
  if (mappingsOf(before, folio.number).length === 1) {
    return "the folio has one mapping in the image but several here, which permits its reuse";
  }
  return (mappers.get(folio.number)?.size ?? 0) > 2
    ? "the owner slots of a folio that three processes mapped depend on its size"
    : undefined;
}

function planSplit({ before, run, step }: ImageTransition, mm: number, entry: number): StepPlan {
  const order = numberIn(step.parameters as Values, "order");
  const folio = visiblePage(before, mm, FIRST_PAGE + entry)?.folio;
  return operation({
    kind: "split",
    mm,
    entry,
    order: order === 0 ? 0 : order + Math.log2(run),
    isOwn: folio !== undefined && mappingsOf(before, folio).every((mapping) => mapping.mm === mm),
  });
}

function planFork({ before, after }: ImageTransition, parent: number): StepPlan {
  const child = before.processes.indexOf(null);
  return after !== undefined && after.processes[child] === null
    ? impossible("the fork fails in the image")
    : operation({ kind: "fork", parent, child });
}

/** MADV_PAGEOUT reclaims a folio in the same way as the kernel, if the folio is entirely mapped and in the range. */
function planReclaim({ before, bounds }: ImageTransition, mm: number, page: number): StepPlan {
  if (hasSwap(bounds)) {
    return impossible("the swap device of the running kernel is not that of the image");
  }
  const entry = visiblePage(before, mm, page);
  const folio = entry && folioOfPage(before, entry);
  if (entry === undefined || folio === undefined) {
    return impossible("no folio is mapped there");
  }
  const mappings = mappingsOf(before, folio.number);
  if (mappings.some((mapping) => mapping.mm !== mm)) {
    return impossible("MADV_PAGEOUT skips folios that several processes map");
  }
  const start = page - entry.index;
  const isWhole =
    mappings.length === folio.pages && mappings.every((mapping) => mapping.entry.page - mapping.entry.index === start);
  return isWhole
    ? operation({ kind: "advise", mm, first: entryOfPage(start), count: folio.pages, advice: MADV_PAGEOUT })
    : impossible("MADV_PAGEOUT splits a partially mapped folio");
}
