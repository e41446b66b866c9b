/** A trace for people: numbered steps with the state after each, what it proves, and how to replay it. */
import type { TraceReport, TraceReportStep } from "../verify/report.ts";
import type { PictureLine } from "./field.ts";
import { plural } from "./numbers.ts";
import { drawState, type PictureSetting } from "./picture.ts";
import { readState } from "./state.ts";
import { formatBounds } from "./subject.ts";
import { FIXED_SPACE, LINE_WIDTH, type Line, labelled, printLines, type Span, span } from "./text.ts";

/** How a trace is shown. */
export interface TraceOptions {
  readonly color: boolean;
  /** Name of the file that holds the trace; it stands in the command that replays it. */
  readonly file?: string;
  /** What the trace shows of its property. */
  readonly shows?: "violated" | "reached";
}

/** How a trace stands in a longer report. */
export interface TraceLinesOptions extends Omit<TraceOptions, "color"> {
  /** Traces with the same steps, of the other properties that these steps violate. */
  readonly also?: readonly TraceReport[];
  /** The kernel to replay it under, when it may not be the one that the file names. */
  readonly variant?: string;
}

/** Columns before the text of a step: room for its number and the mark of changed lines. */
const INDENT = 6;

/** The trace as text. */
export function formatTrace(trace: TraceReport, options: TraceOptions): string {
  return printLines(traceLines(trace, options), options.color);
}

/** The trace as lines, to stand in a longer report. */
export function traceLines(trace: TraceReport, { file, shows, also = [], variant }: TraceLinesOptions): Line[] {
  const setting: PictureSetting = { config: trace.config, bounds: trace.bounds, width: LINE_WIDTH - INDENT };
  const initial = trace.initial === 0 ? "initial state" : `initial state ${trace.initial}`;
  const states = [trace.state, ...trace.steps.map(({ state }) => state)];
  return [
    [span(`${titleOf(shows)} ${trace.property} in ${plural(trace.steps.length, "step")}`, "strong")],
    ...subjectLines(trace),
    ...legend(trace.state),
    [],
    [...numberSpans(0), span(initial, "strong")],
    ...drawState(trace.state, undefined, setting).map(pictureLine),
    ...trace.steps.flatMap((step, i) => stepLines(step, i + 1, states[i], setting)),
    [],
    ...[trace, ...also].flatMap((each) => conclusion(each, shows)),
    ...replayLines(file, variant),
  ];
}

function titleOf(shows: TraceOptions["shows"]): string {
  switch (shows) {
    case "violated":
      return "Counterexample to";
    case "reached":
      return "Witness of";
    case undefined:
      return "Trace for";
  }
}

function subjectLines({ machine, kernel, config, bounds }: TraceReport): Line[] {
  const parts = [`machine ${machine}`, `kernel ${kernel}`, config, formatBounds(bounds, FIXED_SPACE)];
  return labelled(span(""), parts.filter((each) => each !== "").join(" · "), 2, "dim");
}

/** How to read the pictures; said once. */
function legend(initial: unknown): Line[] {
  const state = readState(initial);
  if (state === undefined) {
    return labelled(span(""), "`old → new` is what a step changed; * marks the line", 2, "dim");
  }
  const cells = state.mms.some(({ vmas }) => vmas !== undefined);
  const sentences = [
    "* marks what a step changed, old → new.",
    ...(cells
      ? [`A cell such as A2: that page table entry maps page 2 of folio A; ·${FIXED_SPACE}maps${FIXED_SPACE}nothing.`]
      : []),
    "Mapcounts are logical values: the kernel stores one less.",
    "An owner slot reads [MM: mappings that it tracks].",
  ];
  return labelled(span(""), sentences.join(" "), 2, "dim");
}

function numberSpans(number: number): Span[] {
  return [span(String(number).padStart(INDENT - 2)), span("  ")];
}

function pictureLine({ line, changed }: PictureLine): Line {
  return [span(" ".repeat(INDENT - 2)), span(changed ? "* " : "  ", changed ? "changed" : undefined), ...line];
}

function stepLines(step: TraceReportStep, number: number, before: unknown, setting: PictureSetting): Line[] {
  const [head, ...rest] = labelled(span(""), step.call, INDENT, "strong");
  const picture = drawState(step.state, before, setting);
  const drawn =
    picture.length === 0 ? [[span(" ".repeat(INDENT)), span("nothing changed", "dim")]] : picture.map(pictureLine);
  return [[], [...numberSpans(number), ...(head ?? []).slice(1)], ...rest, ...functionLines(step.functions), ...drawn];
}

/** The kernel functions that ran, in order, indented as they called each other; calls that repeat are counted. */
function functionLines(functions: readonly string[]): Line[] {
  const calls: { text: string; times: number }[] = [];
  for (const text of functions) {
    const last = calls.at(-1);
    if (last?.text === text) {
      last.times += 1;
    } else {
      calls.push({ text, times: 1 });
    }
  }
  return calls.flatMap(({ text, times }, i) => {
    const call = text.trimStart();
    const label = span(`${" ".repeat(INDENT)}${i === 0 ? "ran" : ""}`, "dim");
    const indent = INDENT + 5 + text.length - call.length;
    return labelled(label, times === 1 ? call : `${call} × ${times}`, indent, "dim");
  });
}

function conclusion(trace: TraceReport, shows: TraceOptions["shows"]): Line[] {
  const label = span(
    `  ${shows ?? "property"}`,
    shows === "violated" ? "bad" : shows === "reached" ? "good" : "strong",
  );
  return [
    ...labelled(label, `${trace.property}: ${trace.claim}`, CONCLUSION),
    ...labelled(span("  source", "dim"), trace.source, CONCLUSION, "dim"),
    ...(trace.warning === undefined ? [] : labelled(span("  warning", "bad"), trace.warning, CONCLUSION)),
  ];
}

/** Columns before the text of the lines below the steps. */
const CONCLUSION = 12;

/** The last line is the command, on its own, to be copied. */
function replayLines(file: string | undefined, variant: string | undefined): Line[] {
  const hint =
    file === undefined
      ? labelled(span("  replay", "dim"), "run the same check again with --trace-out FILE, then", CONCLUSION, "dim")
      : [];
  const label = file === undefined ? span(" ".repeat(CONCLUSION)) : span("  replay".padEnd(CONCLUSION), "dim");
  const under = variant === undefined ? "" : ` --variant ${variant}`;
  const command = `foliocheck replay ${file === undefined ? "FILE" : shellWord(file)}${under}`;
  return [...hint, [label, span(command, "strong")]];
}

/** A file name as one word of a shell command. */
function shellWord(name: string): string {
  const safe = name.startsWith("-") ? `./${name}` : name;
  return /^[\w./+:@%=,-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}
