/** An executed exploration: steps and what can follow, the state under each kernel, claims, calls. */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { RaceTimeline } from "../../report/html/browser/race-timeline.tsx";
import { CallsOfStep } from "../../report/html/browser/step-calls.tsx";
import { sentenceAt } from "../../report/html/browser/step-list.tsx";
import { formatAddress } from "../address/address.ts";
import type { Exploration } from "../address/exploration.ts";
import type { Executed } from "../protocol/executed.ts";
import type { Wish } from "../protocol/messages.ts";
import type { Checker } from "./checker.ts";
import { ClaimList } from "./claim-list.tsx";
import { ExportPanel } from "./export-panel.tsx";
import { FindPanel } from "./find-panel.tsx";
import { kernelViews, withCallsOf } from "./kernel-views.ts";
import { NextActions } from "./next-actions.tsx";
import { Remarks } from "./remarks.tsx";
import { States } from "./states.tsx";
import type { Search } from "./use-search.ts";
import { WalkableSteps } from "./walkable-steps.tsx";

/** Properties of the desk. */
export interface DeskProps {
  readonly checker: Checker;
  readonly exploration: Exploration;
  readonly executed: Executed;
  /** Whether `executed` is of an earlier exploration. */
  readonly isExecuting: boolean;
  readonly search: Search;
  readonly onShow: (exploration: Exploration) => void;
  readonly onMove: (step: number) => void;
  /** Searches from the state after given steps. */
  readonly onFind: (steps: readonly string[], wish: Wish) => void;
  readonly onStop: () => void;
}

/** Shows the desk. */
export function Desk(props: DeskProps): JSX.Element {
  const { checker, exploration, executed, isExecuting, search, onShow, onMove, onFind, onStop } = props;
  const { kernels, position, next, fields } = executed;
  const [isFromHere, setFromHere] = useState(false);
  const find = (wish: Wish): void => onFind(isFromHere ? exploration.path.slice(0, position) : [], wish);
  const views = useMemo(() => kernelViews(executed), [executed]);
  const first = views[0];
  const take = (call: string): void => {
    const { step: _, ...rest } = exploration;
    onShow({ ...rest, path: [...exploration.path.slice(0, position), call] });
  };
  const addressOf = (step: number): string => formatAddress({ ...exploration, step });
  return (
    <div class={kernels.length > 1 || first.race !== undefined ? "desk wide" : "desk"}>
      <div class="moves">
        {first.race === undefined ? (
          <WalkableSteps trace={first} position={position} onStep={onMove} addressOf={addressOf} />
        ) : null}
        <NextActions
          groups={next}
          position={position}
          steps={first.steps.length}
          isExecuting={isExecuting}
          onTake={take}
        />
      </div>
      {first.race === undefined ? (
        <section class="state">
          <h2 class="step-heading" aria-live="polite">
            <span class="number current">{position}</span> {sentenceAt(first, position)}
          </h2>
          <States executed={executed} views={views} />
        </section>
      ) : (
        <div class="state">
          <Remarks execution={kernels[0]} position={position} />
          <RaceTimeline
            trace={first}
            race={first.race}
            step={position}
            onStep={onMove}
            addressOf={addressOf}
            isPrinted={false}
          />
        </div>
      )}
      <div class="aside">
        <FindPanel
          claims={kernels[0].claims}
          fields={fields}
          search={search}
          position={position}
          isFromHere={isFromHere}
          onFromHere={setFromHere}
          onFind={find}
          onStop={onStop}
        />
        <ClaimList kernels={kernels} onFind={(id) => find({ kind: "claim", id })} />
        {first.race === undefined ? (
          <section class="calls">
            <CallsOfStep trace={withCallsOf(views, kernels)} position={position} isOpen={false} />
          </section>
        ) : null}
        <ExportPanel checker={checker} exploration={exploration} />
      </div>
    </div>
  );
}
