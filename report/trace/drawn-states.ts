/** The states of a trace as pictures show them. */
import { FREE } from "../../gate/image/world/drawable-state.ts";
import type { ImagePicture } from "../../gate/image/world/image-picture.ts";
import type { TraceReport } from "../../verify/report/report.ts";

/**
 * Returns the initial state and the state after each step. Those of an image are in the shape of the model's states,
 * with what /proc shows; after a fault an image has the state before it. Differences from the model name folios as the
 * fields of the state do, so that a trace that ends with them is shown as fields.
 */
export function drawnStates(trace: Pick<TraceReport, "state" | "world" | "steps" | "warning">): unknown[] {
  let world: TraceReport["world"];
  const steps = [trace, ...trace.steps];
  if (trace.warning?.kind === "lockstep") {
    return steps.map(({ state }) => state);
  }
  // A folio that the trace has not allocated yet is free, so that its allocation is a change.
  const most = Math.max(...steps.map((step) => step.world?.folios.length ?? 0));
  return steps.map(({ state, world: own }) => {
    world = own ?? world;
    if (world === undefined) {
      return state;
    }
    const folios = Array.from({ length: most }, (_, i) => world?.folios[i] ?? FREE);
    return { ...world, folios, ...procFields(state as ImagePicture) };
  });
}

/** Selects the fields of processes that pictures do not show. */
function procFields(picture: ImagePicture): ImagePicture {
  const processes = Object.entries(picture).filter(([, fields]) => "maps" in fields);
  return Object.fromEntries(processes.map(([name, { maps: _, ...fields }]) => [name, fields]));
}
