/** Traces as text: numbered steps with the state after each, the property, and the command that replays the trace. */
import { IMAGE_MACHINE } from "../../gate/image/world/image-bounds.ts";
import type { StepCalls } from "../../model/kernel/call-node.ts";
import { TREE } from "../../verify/job/tree-kernel.ts";
import type { TraceReport } from "../../verify/report/report.ts";
import { shellWord } from "../../verify/report/shell-word.ts";
import { imageCommands } from "../../verify/trace/image-commands.ts";
import { type Block, labelled, plainText } from "../text/block.ts";
import { diagnosticText } from "../text/diagnostic.ts";
import { lockstepDifferenceLines } from "../text/lockstep.ts";
import { plural } from "../text/numbers.ts";
import type { PrintedTraces } from "../text/printed-traces.ts";
import { FIXED_SPACE, LINE_WIDTH, type Line, type Span, span } from "../text/styled-text.ts";
import { formatBoundsOf, formatKernel } from "../text/subject.ts";
import { callColumns } from "./call-columns.ts";
import { callHeading } from "./call-heading.ts";
import { type CallLimits, callLines } from "./calls.ts";
import { drawnStates } from "./drawn-states.ts";
import type { PictureLine } from "./field.ts";
import { legend } from "./legend.ts";
import { drawState, type PictureSetting } from "./picture.ts";
import { isRaceTrace, RACE_LEGEND, raceLines, raceSummary } from "./race-trace.ts";
import { readWorlds } from "./state.ts";

/** Options of a trace. */
export interface TraceOptions {
  /** Name of the trace's file, for the command that replays it. */
  readonly file?: string;
  /** Verdict on its property that the trace shows. */
  readonly shows?: "violated" | "reached";
  /** C code only: the command that reproduces the trace. */
  readonly reproduce?: string;
  /** Largest number of characters in a line. */
  readonly width?: number | undefined;
  /** Leaves trivial calls out of long call trees, but for those of these functions; all calls are printed if absent. */
  readonly unfolded?: ReadonlySet<string>;
}

/** Options of a trace in a longer report. */
export interface TraceLinesOptions extends TraceOptions {
  /** Traces of other properties that the same steps violate. */
  readonly also?: readonly TraceReport[];
  /** The kernel for the replay command, if it may differ from the file's. */
  readonly variant?: string;
}

/** Indentation of the text of a step, in columns: room for its number and the mark of changed lines. */
const INDENT = 6;

/**
 * Formats a trace whose steps are already in the report, as a reference to them.
 *
 * @param property the property whose printed counterexample has the same steps
 */
export function sameStepsLines(trace: TraceReport, property: string): Block[] {
  const steps = plural(trace.steps.length, "step");
  return [
    [span(`Counterexample to ${trace.property} in ${steps}: those of the counterexample to ${property}`, "strong")],
    ...conclusion(trace, "violated"),
  ];
}

/** Formats the trace of a violation, or a reference to a printed one with the same steps. */
export function formatViolation(trace: TraceReport, printed: PrintedTraces, reproduce?: string): string {
  const property = printed.propertyWithSameSteps(trace);
  return property === undefined
    ? plainText(traceLines(trace, { shows: "violated", ...(reproduce === undefined ? {} : { reproduce }) }))
    : plainText(sameStepsLines(trace, property));
}

/** Formats a trace as lines of a longer report. */
export function traceLines(
  trace: TraceReport,
  { file, shows, also = [], variant, reproduce, width = LINE_WIDTH, unfolded }: TraceLinesOptions,
): Block[] {
  const kernels = [trace.kernel, ...(trace.against === undefined ? [] : [trace.against])];
  const setting: PictureSetting = { config: trace.config, kernels, width: width - INDENT };
  const initial = trace.initial === 0 ? "initial state" : `initial state ${trace.initial}`;
  const limits: CallLimits = {
    ...(unfolded === undefined ? {} : { unfolded }),
    ...(trace.machine === IMAGE_MACHINE ? { most: MOST_LINES } : {}),
  };
  const states = drawnStates(trace);
  return [
    [span(`${titleOf(shows)} ${trace.property} in ${plural(trace.steps.length, "step")}`, "strong")],
    ...subjectLines(trace),
    ...legend(
      states.flatMap((state) => readWorlds(state)?.worlds ?? []),
      2,
    ),
    ...(isRaceTrace(trace) ? RACE_LEGEND.flatMap((each) => labelled(span(""), each, 2, "dim")) : []),
    [],
    ...(isRaceTrace(trace)
      ? [...labelled(span(""), raceSummary(trace), 2), [], ...raceLines(trace, setting, width, pictureLine)]
      : [
          [numberSpan(0), span(initial, "strong")],
          ...drawState(states[0], undefined, setting).map(pictureLine),
          ...trace.steps.flatMap((step, i) => [
            [],
            ...labelled(numberSpan(i + 1), callHeading(step), INDENT, "strong"),
            ...functionLines(step.functions, limits, width),
            ...changeLines(states[i + 1], states[i], setting),
          ]),
        ]),
    [],
    ...[trace, ...also].flatMap((each) => conclusion(each, shows)),
    ...(trace.kernel === TREE ? reproduceLines(trace, reproduce, file) : replayLines(file, variant)),
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

function subjectLines(trace: TraceReport): Block[] {
  const { machine, config } = trace;
  const parts = [`machine ${machine}`, `kernel ${formatKernel(trace)}`, config, formatBoundsOf(trace, FIXED_SPACE)];
  return labelled(span(""), parts.filter((each) => each !== "").join(" · "), 2, "dim");
}

function numberSpan(number: number): Span {
  return span(`${String(number).padStart(INDENT - 2)}  `);
}

function pictureLine({ line, changed }: PictureLine): Line {
  return [span(" ".repeat(INDENT - 2)), span(changed ? "* " : "  ", changed ? "changed" : undefined), ...line];
}

/** Draws the state after a step. */
function changeLines(state: unknown, before: unknown, setting: PictureSetting): Line[] {
  const picture = drawState(state, before, setting);
  return picture.length === 0 ? [[span(" ".repeat(INDENT)), span("nothing changed", "dim")]] : picture.map(pictureLine);
}

/** Largest number of lines for the functions of one step of an mm image. */
const MOST_LINES = 40;

/** Formats the kernel functions that ran, in call order, with callees indented; those of two CPUs in columns. */
function functionLines(functions: readonly StepCalls[], limits: CallLimits, width: number): Block[] {
  const lines = callLines(functions, limits);
  const ran = span(`${" ".repeat(INDENT)}ran  `, "dim");
  const indent = ran.text.length;
  const columns = callColumns(lines, width - indent);
  if (columns !== undefined) {
    const indented = (line: Line): Line => [span(" ".repeat(indent)), ...line];
    return [
      [ran, ...columns.header],
      ...columns.rows.map(indented),
      ...columns.rest.map((text) => indented([span(text, "dim")])),
    ];
  }
  return lines.flatMap(({ depth, text }, i) =>
    labelled(i === 0 ? ran : span(""), text, indent + 2 * depth, "dim", CONTINUATION),
  );
}

/** Indentation of the continuation lines of a long call, in columns. */
const CONTINUATION = 4;

function conclusion(trace: TraceReport, shows: TraceOptions["shows"]): Block[] {
  const label = span(
    `  ${shows ?? "property"}`,
    shows === "violated" ? "bad" : shows === "reached" ? "good" : "strong",
  );
  return [
    ...labelled(label, `${trace.property}: ${trace.claim}`, CONCLUSION),
    ...labelled(span("  source", "dim"), trace.source, CONCLUSION, "dim"),
    ...callLines([{ calls: trace.queries ?? [] }]).map(
      ({ depth, text }, i): Line => [
        span((i === 0 ? "  queries" : "").padEnd(CONCLUSION + 2 * depth), "dim"),
        span(text, "dim"),
      ],
    ),
    ...(trace.warning === undefined
      ? []
      : labelled(span("  warning", "bad"), diagnosticText(trace.warning), CONCLUSION)),
    ...lockstepDifferenceLines(trace.warning?.kind === "lockstep" ? trace.warning.differences : []),
  ];
}

/** Indentation of the text below the steps, in columns. */
const CONCLUSION = 12;

/** Formats the command that replays a trace, on the last line, to be copied. */
function replayLines(file: string | undefined, variant: string | undefined): Block[] {
  const hint =
    file === undefined
      ? labelled(span("  replay", "dim"), "run the same check again with --trace-out FILE, then", CONCLUSION, "dim")
      : [];
  const label = file === undefined ? span(" ".repeat(CONCLUSION)) : span("  replay".padEnd(CONCLUSION), "dim");
  const under = variant === undefined ? "" : ` --variant ${variant}`;
  const command = `foliocheck replay ${file === undefined ? "FILE" : shellWord(file)}${under}`;
  return [...hint, [label, span(command, "strong")]];
}

/**
 * Formats the commands that reproduce a trace of C code, which its file does not contain: the gate or the search, and
 * for an image also the execution on a running kernel.
 */
function reproduceLines(trace: TraceReport, reproduce: string | undefined, file: string | undefined): Block[] {
  const line = (label: string, command: string): Line => [
    span(label.padEnd(CONCLUSION), "dim"),
    span(command, "strong"),
  ];
  if (trace.machine !== IMAGE_MACHINE) {
    const { config, machine } = trace;
    return [line("  reproduce", reproduce ?? `foliocheck gate --tree TREE --config ${config} --only ${machine}`)];
  }
  const [search = "", ...running] = imageCommands(trace, file === undefined ? undefined : shellWord(file));
  const hint: Block[] =
    file === undefined && running.length > 0
      ? [[span(" ".repeat(CONCLUSION)), span("with --trace-out FILE, then", "dim")]]
      : [];
  return [
    line("  reproduce", reproduce ?? search),
    ...hint,
    ...running.map((command, i) => line(i === 0 ? "  on Linux" : "", command)),
  ];
}
