/** A trace of an image as operations on a running kernel, with what must be seen after each step. */
import { formatCall } from "../../explore/model/model.ts";
import { at } from "../../explore/model/schema.ts";
import type { VisibleState } from "../../gate/image/world/visible-state.ts";
import type { KernelConfig } from "../../model/kernel/config.ts";
import type { FollowedFolio } from "../compare/comparison.ts";
import type { Expectation } from "../compare/expectation.ts";
import type { Operation } from "../session/operation.ts";
import type { SessionBounds } from "../session/session.ts";
import { NotReproducible, notPerformable } from "../walk/not-reproducible.ts";
import { expectVisible, followedFolios } from "./image-expectation.ts";
import { geometryOf } from "./image-geometry.ts";
import { meansOf } from "./image-operations.ts";
import type { ImageTrace } from "./image-trace.ts";

/** One operation, and what must be seen after it. */
export interface PlannedOperation {
  /** Steps of the trace that are taken then. */
  readonly steps: number;
  /** Those that the operation takes, as calls. */
  readonly text: string;
  readonly operation: Operation;
  /** Undefined where the step ends in a fault of the image: what follows is not known. */
  readonly expected: Expectation | undefined;
  /** By position. */
  readonly folios: readonly FollowedFolio[];
}

/** The plan. */
export interface ImagePlan {
  readonly session: SessionBounds;
  /** Pages of an entry. */
  readonly run: number;
  readonly operations: readonly PlannedOperation[];
}

/**
 * Plans a trace.
 *
 * @throws NotReproducible for a step that user space cannot take, or a trace that does not say what can be seen
 */
export function planImage(trace: ImageTrace, { pageMapcount, mmId }: KernelConfig): ImagePlan {
  if (!mmId) {
    throw new NotReproducible(
      "the trace is of a kernel without CONFIG_MM_ID, which every kernel with large folios has",
    );
  }
  const geometry = geometryOf(trace);
  const { run, session } = geometry;
  const { visible: start, steps, bounds } = trace;
  if (start === undefined) {
    throw new NotReproducible(
      "the trace does not say what user space can see: it was written by an earlier foliocheck",
    );
  }
  const seen = (state: VisibleState | undefined): Pick<PlannedOperation, "expected" | "folios"> => ({
    expected: state && expectVisible(state, geometry, pageMapcount),
    folios: state === undefined ? [] : followedFolios(state, run),
  });
  const operations: PlannedOperation[] = [
    { steps: 0, text: "initial state", operation: { kind: "newMm", mm: 0 }, ...seen(start) },
  ];
  const mappers = new Map<number, ReadonlySet<number>>();
  let before = start;
  for (const [i, step] of steps.entries()) {
    const after = step.visible;
    noteMappers(mappers, before);
    const means = meansOf({ step, next: steps[i + 1], bounds, run, before, after, mappers });
    if (means.kind === "impossible") {
      throw notPerformable(step, i, means.why);
    }
    const text = formatCall(step);
    if (means.kind === "operation") {
      operations.push({ steps: i + 1, text, operation: means.operation, ...seen(after) });
    } else {
      const last = at(operations, operations.length - 1);
      operations[operations.length - 1] = { ...last, steps: i + 1, text: `${last.text}, ${text}`, ...seen(after) };
    }
    before = after ?? before;
  }
  return { session, run, operations };
}

/** Adds who maps which folio. A piece of a folio was mapped by those that mapped the whole. */
function noteMappers(mappers: Map<number, ReadonlySet<number>>, { processes, folios }: VisibleState): void {
  for (const { number, from } of folios) {
    const now = processes.flatMap((pages, mm) => (pages?.some(({ folio }) => folio === number) ? [mm] : []));
    const earlier = mappers.get(number) ?? (from === undefined ? undefined : mappers.get(from.folio)) ?? [];
    mappers.set(number, new Set([...earlier, ...now]));
  }
}
