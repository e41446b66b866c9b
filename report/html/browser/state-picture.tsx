/** A state: its picture and its folios; for two kernels in lockstep one of each, unless they are equal. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Fault } from "../../../invariants/fault.ts";
import type { DrawnState } from "../../trace/state.ts";
import { folioFacts } from "../picture/folio-facts.ts";
import { layoutOf } from "../picture/layout.ts";
import { legendOf } from "../picture/legend-items.ts";
import { otherFields } from "../picture/other-fields.ts";
import { sceneOf } from "../picture/scene.ts";
import type { PictureShape } from "../picture/shape.ts";
import { FieldTable } from "./field-table.tsx";
import { FolioCard } from "./folio-card.tsx";
import { Legend } from "./legend.tsx";
import { Picture } from "./picture.tsx";
import type { TraceView } from "./trace-view.ts";
import { useWidth } from "./use-width.ts";

/** Properties of the picture of a state. */
export interface StatePictureProps {
  readonly trace: TraceView;
  readonly position: number;
  /** Position of the state that it is compared with. */
  readonly before: number;
  readonly faults: readonly Fault[];
}

/** Shows a state. */
export function StatePicture({ trace, position, before, faults }: StatePictureProps): JSX.Element {
  const { config, kernels, shape } = trace;
  const view = useMemo(() => trace.stateAt(position, before), [trace, position, before]);
  const worlds = view.worlds?.worlds ?? [];
  const isSame = worlds.length < 2 || JSON.stringify(worlds[0]) === JSON.stringify(worlds[1]);
  const others = otherFields(view.state, view.before, view.worlds, view.worldsBefore, faults);
  return (
    <>
      {shape === undefined
        ? null
        : (isSame ? worlds.slice(0, 1) : worlds).map((world, w) => (
            <div key={w}>
              {isSame ? null : <h3>under {kernels[w]}</h3>}
              <World
                state={world}
                before={view.worldsBefore?.worlds[w]}
                shape={shape}
                config={config}
                faults={faults}
              />
            </div>
          ))}
      <FieldTable fields={others} isAll={shape === undefined} />
    </>
  );
}

function World({
  state,
  before,
  shape,
  config,
  faults,
}: {
  readonly state: DrawnState;
  readonly before: DrawnState | undefined;
  readonly shape: PictureShape;
  readonly config: readonly string[];
  readonly faults: readonly Fault[];
}): JSX.Element {
  const [element, width] = useWidth();
  const layout = useMemo(() => layoutOf(shape, width), [shape, width]);
  const scene = sceneOf(state, before, layout, { config, faults });
  return (
    <div ref={element} class="world">
      <Picture scene={scene} />
      <Legend items={legendOf(scene)} />
      <div class="folios">
        {folioFacts(state, before, shape, { config, faults }).map((facts) => (
          <FolioCard key={facts.position} facts={facts} />
        ))}
      </div>
    </div>
  );
}
