/** Progress of runs, as a line. */
import type { Progress } from "../explore/search/search-result.ts";
import { progressLine, sizeHint } from "../report/text/progress.ts";
import type { ProgressDisplay } from "./progress-display.ts";

/** A run that is under way, and the runs that it is one of. */
interface RunInProgress {
  readonly index: number;
  readonly done: number;
  readonly jobs: number;
  readonly search: Progress;
}

/** Shows how far runs are; of one run alone also, once, how large it seems to become. */
export function showingRuns(display: ProgressDisplay): (run: RunInProgress) => void {
  let hinted = false;
  return ({ index, done, jobs, search }) => {
    const label = jobs === 1 ? "" : `[${done}/${jobs} done; run ${index + 1}]`;
    display.show(`${label} ${progressLine(search)}`);
    const hint = hinted || jobs > 1 ? undefined : sizeHint(search);
    if (hint !== undefined) {
      hinted = true;
      display.note(hint);
    }
  };
}
