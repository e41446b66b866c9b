/** Interleavings for the page: the rows of all episodes, with locks, and the accesses that conflict. */
import { formatOperation } from "../../model/race/race-calls.ts";
import type { StepAccess } from "../../model/race/step-access.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { placeText } from "../text/place.ts";
import { changesMemory, isLocking } from "../trace/race-access.ts";
import { type Episode, episodesOf } from "../trace/race-episodes.ts";
import { type RaceRow, rowsOf } from "../trace/race-rows.ts";
import { raceSummary } from "../trace/race-trace.ts";
import { sentenceOf } from "../trace/sentence.ts";
import type { RaceContent, RaceContentRow } from "./content.ts";

/** Converts the accesses of a trace. */
export function raceContent(trace: TraceReport): RaceContent {
  const episodes = episodesOf(trace.steps);
  const names = lockNames(trace);
  const rows = episodes.flatMap((episode, i): RowWithSource[] =>
    !episode.overlaps && i < episodes.length - 1
      ? wholeCalls(episode, trace)
      : rowsOf(trace, episode).map((source) => ({ row: contentRow(source, names, trace), source })),
  );
  return {
    summary: raceSummary(trace),
    start: (trace.calls?.start ?? []).map((call) => ({
      call: formatOperation(call),
      sentence: sentenceOf({ action: call.operation, parameters: call.parameters }) ?? "",
    })),
    cpus: [...new Set(rows.map(({ row }) => row.cpu))].sort((a, b) => a - b),
    rows: rows.map(({ row }) => row),
    conflicts: conflictsOf(rows.map(({ source }) => source)),
  };
}

interface RowWithSource {
  readonly row: RaceContentRow;
  /** Absent for a whole call. */
  readonly source?: RaceRow;
}

/** Calls that do not overlap: a row each. */
function wholeCalls({ executions, first, last }: Episode, trace: TraceReport): RowWithSource[] {
  return executions.map(({ cpu, call, first: own }) => ({
    row: { cpu, steps: [first + 1, last + 1], kind: "whole", text: call, sentence: sentenceAt(trace, own), locks: [] },
  }));
}

/** Returns a sentence about the operation that begins at a step. */
function sentenceAt({ steps }: TraceReport, index: number): string {
  const { action = "", parameters: { cpu: _, ...parameters } = {} } = steps[index] ?? {};
  return sentenceOf({ action, parameters }) ?? "";
}

/** Returns the names of locks whose object is a path in the state. */
function lockNames({ steps }: TraceReport): ReadonlyMap<string, string> {
  const locks = steps.flatMap(({ accesses = [] }) => accesses).filter(({ kind }) => kind === "lock");
  return new Map(
    locks.flatMap(({ object, fields }) =>
      fields.filter(({ path }) => path === object).map(({ name }) => [object, name]),
    ),
  );
}

function contentRow(
  { cpu, steps, kind, text, changed, locks, accesses, next }: RaceRow,
  names: ReadonlyMap<string, string>,
  trace: TraceReport,
): RaceContentRow {
  const access = next ?? accesses.at(-1);
  const stale = accesses.reduce((most, { ignored = 0 }) => Math.max(most, ignored), 0);
  return {
    cpu,
    ...(steps === undefined ? {} : { steps: [steps.first, steps.last] }),
    kind,
    text,
    ...(kind === "begins" && steps !== undefined ? { sentence: sentenceAt(trace, steps.first - 1) } : {}),
    ...(changed ? { isChange: true } : {}),
    ...(stale === 0 ? {} : { stale }),
    ...(access?.marked === false && !isLocking(access as StepAccess) ? { isPlain: true } : {}),
    ...(access === undefined ? {} : { functions: access.functions }),
    ...(access?.place === undefined ? {} : { place: placeText(access.place) }),
    locks: locks.map((each) =>
      each.map((lock) => (lock === undefined ? null : { ...lock, object: names.get(lock.object) ?? lock.object })),
    ),
  };
}

/**
 * Pairs each access with the last one before it by another CPU to the same field, if one of the two changes it and no
 * other CPU has accessed it in between. For a data race, pairs the accesses that are next.
 */
function conflictsOf(rows: readonly (RaceRow | undefined)[]): (readonly [number, number])[] {
  const last = new Map<string, { readonly row: number; readonly cpu: number; readonly changes: boolean }>();
  const conflicts = new Map<string, readonly [number, number]>();
  for (const [index, row] of rows.entries()) {
    if (row === undefined || row.kind === "others") {
      continue;
    }
    for (const access of row.accesses.filter((each) => !isLocking(each))) {
      const changes = changesMemory(access);
      for (const { path } of access.fields) {
        const earlier = last.get(path);
        if (earlier !== undefined && earlier.cpu !== access.cpu && (earlier.changes || changes)) {
          conflicts.set(`${earlier.row} ${index}`, [earlier.row, index]);
        }
        last.set(path, { row: index, cpu: access.cpu, changes });
      }
    }
  }
  return [...conflicts.values(), ...dataRaces(rows)];
}

function dataRaces(rows: readonly (RaceRow | undefined)[]): (readonly [number, number])[] {
  const next = rows.flatMap((row, index) => (row?.next === undefined ? [] : [{ index, row, access: row.next }]));
  return next.flatMap((one, i) =>
    next
      .slice(i + 1)
      .filter(
        (other) =>
          other.row.cpu !== one.row.cpu &&
          other.access.object === one.access.object &&
          !(one.access.marked && other.access.marked) &&
          [one, other].some(({ access: { kind } }) => kind === "store" || kind === "rmw"),
      )
      .map((other): readonly [number, number] => [one.index, other.index]),
  );
}
