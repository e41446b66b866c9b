/** Progress lines of runs. */
import { progressLine, sizeHint } from "../report/text/progress.ts";
import type { RunProgress } from "../verify/pool.ts";
import type { ProgressDisplay } from "./progress-display.ts";

/** Returns a callback that shows the progress of runs; for a single run also, once, a hint about its estimated size. */
export function showingRuns(display: ProgressDisplay): (run: RunProgress) => void {
  let isHintShown = false;
  return ({ index, done, jobs, search }) => {
    const label = jobs === 1 ? "" : `[${done}/${jobs} done; run ${index + 1}]`;
    display.show(`${label} ${progressLine(search)}`);
    const hint = isHintShown || jobs > 1 ? undefined : sizeHint(search);
    if (hint !== undefined) {
      isHintShown = true;
      display.note(hint);
    }
  };
}
