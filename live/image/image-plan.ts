/** Converts a trace of an image to operations on a running kernel, with the expected observation after each step. */
import { formatCall } from "../../explore/model/model.ts";
import { at } from "../../explore/model/schema.ts";
import type { VisibleState } from "../../gate/image/world/visible-state.ts";
import type { KernelConfig } from "../../model/kernel/config.ts";
import type { ComparedFolio } from "../compare/comparison.ts";
import type { Expectation } from "../compare/expectation.ts";
import type { Operation } from "../session/operation.ts";
import type { SessionBounds } from "../session/session.ts";
import { NotReproducible, notPerformable } from "../walk/not-reproducible.ts";
import { comparedFolios, expectVisible } from "./image-expectation.ts";
import { geometryOf } from "./image-geometry.ts";
import { planStep } from "./image-operations.ts";
import type { ImageTrace } from "./image-trace.ts";

/** An operation, and the expected observation after it. */
export interface PlannedOperation {
  /** Number of steps of the trace after the operation. */
  readonly steps: number;
  /** The steps that the operation performs, as calls. */
  readonly text: string;
  readonly operation: Operation;
  /** Undefined if the step ends in a fault of the image, after which the state is unknown. */
  readonly expected: Expectation | undefined;
  /** Folios by position. */
  readonly folios: readonly ComparedFolio[];
}

/** Operations that perform the steps of a trace. */
export interface ImagePlan {
  readonly session: SessionBounds;
  /** Pages of an entry. */
  readonly run: number;
  readonly operations: readonly PlannedOperation[];
}

/**
 * Plans a trace.
 *
 * @throws NotReproducible for a step that cannot be performed from user space, or a trace without visible states
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
      "the trace does not contain the state that user space can see: an earlier foliocheck wrote it",
    );
  }
  const expectationOf = (state: VisibleState | undefined): Pick<PlannedOperation, "expected" | "folios"> => ({
    expected: state && expectVisible(state, geometry, pageMapcount),
    folios: state === undefined ? [] : comparedFolios(state, run),
  });
  const operations: PlannedOperation[] = [
    { steps: 0, text: "initial state", operation: { kind: "newMm", mm: 0 }, ...expectationOf(start) },
  ];
  const mappers = new Map<number, ReadonlySet<number>>();
  let before = start;
  for (const [i, step] of steps.entries()) {
    const after = step.visible;
    recordMappers(mappers, before);
    const plan = planStep({ step, next: steps[i + 1], bounds, run, before, after, mappers });
    if (plan.kind === "impossible") {
      throw notPerformable(step, i, plan.why);
    }
    const text = formatCall(step);
    if (plan.kind === "operation") {
      operations.push({ steps: i + 1, text, operation: plan.operation, ...expectationOf(after) });
    } else {
      const last = at(operations, operations.length - 1);
      operations[operations.length - 1] = {
        ...last,
        steps: i + 1,
        text: `${last.text}, ${text}`,
        ...expectationOf(after),
      };
    }
    before = after ?? before;
  }
  return { session, run, operations };
}

/** Adds the processes that map a folio. A folio produced by a split inherits those of the original folio. */
function recordMappers(mappers: Map<number, ReadonlySet<number>>, { processes, folios }: VisibleState): void {
  for (const { number, from } of folios) {
    const now = processes.flatMap((pages, mm) => (pages?.some(({ folio }) => folio === number) ? [mm] : []));
    const earlier = mappers.get(number) ?? (from === undefined ? undefined : mappers.get(from.folio)) ?? [];
    mappers.set(number, new Set([...earlier, ...now]));
  }
}
