/** Traces of the kernels of an execution, for the components. */
import { type TraceView, traceView } from "../../report/html/browser/trace-view.ts";
import { shapeOf } from "../../report/html/picture/shape.ts";
import type { Executed } from "../protocol/executed.ts";

/** One view for each kernel. */
export type KernelViews = readonly [TraceView, ...TraceView[]];

/** Decodes the trace of each kernel. Their pictures have one layout, so that they can be compared. */
export function kernelViews({ kernels }: Pick<Executed, "kernels">): KernelViews {
  const views = kernels.map(({ trace }) => traceView(trace));
  const drawn = views.flatMap(({ stateAt, steps }) =>
    Array.from({ length: steps.length + 1 }, (_, position) => stateAt(position, position).worlds?.worlds ?? []).flat(),
  );
  const shape = drawn.length === 0 ? undefined : shapeOf(drawn);
  const [first, ...others] = views.map((view) => ({ ...view, shape }));
  return [first as TraceView, ...others];
}

/** Returns a view whose states are compared with those of another kernel instead of those before the step. */
export function comparedWith(view: TraceView, other: TraceView): TraceView {
  return {
    ...view,
    stateAt: (position) => {
      const { state, worlds } = other.stateAt(position, position);
      return { ...view.stateAt(position, position), before: state, worldsBefore: worlds };
    },
  };
}

/** Returns the first view with the calls of each kernel, by its name; without names if they are the same. */
export function withCallsOf(views: KernelViews, kernels: Executed["kernels"]): TraceView {
  const [first] = views;
  return {
    ...first,
    callsAt: (position) => {
      const byKernel = views.map((view) => view.callsAt(position));
      const areSame = byKernel.every((lists) => JSON.stringify(lists) === JSON.stringify(byKernel[0]));
      return areSame
        ? first.callsAt(position)
        : byKernel.flatMap((lists, i) => {
            const { kernel } = kernels[i] as Executed["kernels"][number];
            return lists.map((list) => ({ ...list, kernel }));
          });
    },
  };
}
