/** Reports of every kind as HTML documents. */
import { html, htmlLive, htmlReplay } from "../../../report/html/html.ts";
import type { RunReport, TraceReport } from "../../../verify/report/report.ts";
import { replay } from "../../../verify/trace/replay.ts";
import { report as liveReport } from "../../live/simulated-report.ts";
import { goodRun, rmapTrace, suite, violatedRun } from "../fixtures.ts";
import { report as gateReport } from "../gate-report.ts";
import { dataRaceRun, unqueuedRun } from "../race-traces.ts";
import { lockstepTrace, migrationTrace, pinsTrace, pmdTrace, splitTrace, swapTrace } from "../scope-traces.ts";
import { FILE, imageTrace, TEXT } from "./image-trace.ts";

const TRACES: readonly TraceReport[] = [
  rmapTrace,
  pinsTrace,
  swapTrace,
  pmdTrace,
  migrationTrace,
  splitTrace,
  lockstepTrace,
];

/** Returns a run with violated properties, one for each trace. */
export function runWith(traces: readonly TraceReport[]): RunReport {
  return {
    ...violatedRun,
    mode: "all-violations",
    properties: traces.map((trace, i) => ({
      id: `${trace.property}.${i}`,
      claim: trace.claim,
      source: trace.source,
      kind: "always",
      verdict: "violated",
      checked: 10,
      vacuous: false,
      trace,
    })),
  };
}

/** Documents by kind. */
export async function allPages(): Promise<{ readonly [kind: string]: string }> {
  const live = await liveReport({ kernel: "reuse-last-page", scope: "cow" });
  return {
    search: html(runWith(TRACES), {}),
    suite: html({ ...suite, runs: [goodRun, violatedRun] }, {}),
    race: html(unqueuedRun(), {}),
    "data race": html(dataRaceRun(), {}),
    gate: html(gateReport, {}),
    image: html(runWith([imageTrace]), { sources: [{ file: FILE, first: 1, lines: TEXT.split("\n") }] }),
    replay: htmlReplay(replay(rmapTrace), { file: "trace.json" }),
    live: htmlLive(live, {}),
  };
}
