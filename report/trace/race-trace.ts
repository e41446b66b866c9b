/**
 * Traces of machine race as text: one row for each operation that does not overlap; for overlapping ones, a column for
 * each CPU and a row for each access, between pictures of memory before and after.
 */

import { formatOperation } from "../../model/race/race-calls.ts";
import type { StepAccess } from "../../model/race/step-access.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { type Block, labelled } from "../text/block.ts";
import { placeText } from "../text/place.ts";
import { type Line, span } from "../text/styled-text.ts";
import type { PictureLine } from "./field.ts";
import { drawState, type PictureSetting } from "./picture.ts";
import { accessText } from "./race-access.ts";
import { columnLines } from "./race-columns.ts";
import { type Episode, episodesOf } from "./race-episodes.ts";
import { rowsOf } from "./race-rows.ts";
import { cpusOf, type DrawnCpu, memoryOf } from "./race-state.ts";

/** Whether a trace is a trace of machine race. */
export function isRaceTrace({ steps }: TraceReport): boolean {
  return steps.some(({ accesses }) => accesses !== undefined);
}

/** Legend of the rows. */
export const RACE_LEGEND: readonly string[] = [
  "┏ ┃ ┗: the CPU takes, holds, gives back a lock. Above an access stands the function that makes it.",
  "… loads: what no other CPU can change meanwhile; the trace file has every access.",
];

/** Summarises a trace in one or two sentences. */
export function raceSummary(trace: TraceReport): string {
  const data = dataRaceIn(trace);
  const episode = episodesOf(trace.steps).at(-1);
  if (data !== undefined) {
    const [one, other] = data;
    return `Data race on ${one.next.object}: ${sideText(one)} races with ${sideText(other)}.`;
  }
  if (episode === undefined) {
    return "The initial state violates it.";
  }
  if (!episode.overlaps) {
    return "No two operations overlap: one after the other, they lead to it.";
  }
  const operations = episode.executions.map(({ cpu, call }) => `${call} on CPU ${cpu}`);
  const races = `${operations.slice(0, -1).join(", ")} races with ${operations.at(-1)}`;
  const interruption = interruptionIn(trace, episode);
  return interruption === undefined ? `${races}.` : `${races}: ${interruption}`;
}

/** CPU with its next access. */
interface Side {
  readonly cpu: number;
  readonly next: NonNullable<DrawnCpu["next"]>;
}

/** Returns the two accesses of a data race: the next accesses at the end of the trace. */
function dataRaceIn({ property, steps }: TraceReport): readonly [Side, Side] | undefined {
  const last = steps.at(-1);
  if (property !== DATA_RACES || last === undefined) {
    return undefined;
  }
  const sides = cpusOf(last.state).flatMap(({ next }, cpu): Side[] => (next === undefined ? [] : [{ cpu, next }]));
  const own = sides.find(({ cpu }) => cpu === last.parameters["cpu"]);
  const other = sides.find((each) => own !== undefined && each.cpu !== own.cpu && isDataRace(own, each));
  return own === undefined || other === undefined ? undefined : [own, other];
}

/** Id of the property that forbids data races. */
const DATA_RACES = "D1";

function isDataRace({ next: one }: Side, { next: other }: Side): boolean {
  const writes = [one, other].some(({ kind }) => kind === "store" || kind === "rmw");
  return one.object === other.object && writes && !(one.marked && other.marked);
}

function sideText({ cpu, next: { kind, marked, functions, place, text } }: Side): string {
  const access = `${marked ? "marked" : "plain"} ${kind === "load" ? "read" : "write"}`;
  const where = `${functions.at(-1) ?? "the operation"}${functions.length === 0 ? "" : "()"}${place === undefined ? "" : ` at ${placeText(place)}`}`;
  return `the ${access} of CPU ${cpu} in ${where} (${text})`;
}

/** Describes the first interruption of the first CPU: the accesses before and after it. */
function interruptionIn({ steps, state }: TraceReport, { first, last, executions }: Episode): string | undefined {
  const accesses = [];
  for (let i = first; i <= last; i++) {
    const before = i === 0 ? state : steps[i - 1]?.state;
    accesses.push(...(steps[i]?.accesses ?? []).map((access) => ({ access, step: i, before })));
  }
  const interrupted = executions[0]?.cpu;
  const second = accesses.findIndex(({ access }) => access.cpu !== interrupted);
  const [previous, other] = [accesses[second - 1], accesses[second]];
  const next = accesses.slice(second).find(({ access }) => access.cpu === interrupted);
  if (previous === undefined || other === undefined) {
    return undefined;
  }
  const words = ({ access, before }: typeof other): string => `“${accessText(access, before)}”${inFunction(access)}`;
  const until =
    next === undefined
      ? ""
      : `, before its “${accessText(next.access, next.before)}”${inFunction(next.access)} at step ${next.step + 1}`;
  return `CPU ${other.access.cpu} comes in after ${words(previous)} of CPU ${interrupted} at step ${previous.step + 1}${until}.`;
}

function inFunction({ functions }: StepAccess): string {
  return functions.length === 0 ? "" : ` in ${functions.at(-1)}()`;
}

/**
 * Formats the steps with their pictures.
 *
 * @param width largest number of characters in a line
 * @param draw formats a line of a picture
 */
export function raceLines(
  trace: TraceReport,
  setting: PictureSetting,
  width: number,
  draw: (line: PictureLine) => Line,
): Block[] {
  const { steps, calls } = trace;
  const episodes = episodesOf(steps);
  const stateBefore = (step: number): unknown => (step === 0 ? trace.state : steps[step - 1]?.state);
  const drawn = episodes.flatMap((episode, e): Block[] => {
    const { first, last, overlaps, executions } = episode;
    if (!overlaps && e < episodes.length - 1) {
      return executions.flatMap(({ call, cpu }) => wholeCall({ call, cpu, first, last }));
    }
    const [before, after] = [memoryOf(stateBefore(first)), memoryOf(steps[last]?.state)];
    const cpus = [...new Set(executions.map(({ cpu }) => cpu))].sort((a, b) => a - b);
    return [
      ...(e === 0 && calls === undefined ? [] : [[]]),
      [span(`    before step ${first + 1}`, "strong")],
      ...drawState(before, undefined, setting).map(draw),
      [],
      ...columnLines(rowsOf(trace, episode), cpus, width),
      [],
      [span(`    after step ${last + 1}`, "strong")],
      ...drawState(after, before, setting).map(draw),
    ];
  });
  return [...startLines(trace), ...drawn];
}

/** Formats the calls that are executed before the CPUs start. */
function startLines({ calls }: TraceReport): Block[] {
  return calls === undefined || calls.start.length === 0
    ? []
    : labelled(span("    start  ", "dim"), calls.start.map(formatOperation).join("; "), 11);
}

/** Formats an operation without overlap, in one row. */
function wholeCall({
  call,
  cpu,
  first,
  last,
}: {
  readonly call: string;
  readonly cpu: number;
  readonly first: number;
  readonly last: number;
}): Block[] {
  const number = first === last ? `${first + 1}` : `${first + 1}–${last + 1}`;
  return labelled(span(`  ${number.padStart(7)}  `, "dim"), `CPU ${cpu}  ${call}`, 11);
}
