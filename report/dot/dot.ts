/** State graphs in the DOT language of Graphviz. */
import type { GraphReport } from "../../verify/graph-report.ts";
import { plainText } from "../text/block.ts";
import { plural } from "../text/numbers.ts";
import { formatBounds, formatKernel } from "../text/subject.ts";
import { drawState, type PictureSetting } from "../trace/picture.ts";

/** Width of a state's picture in columns, narrower than in a trace. */
const WIDTH = 60;

/**
 * Formats a graph as DOT. Initial states are bold; violating states and steps are red, with the violated properties.
 */
export function dot(graph: GraphReport): string {
  const { machine, config, bounds, nodes, edges, symmetry, leftOut } = graph;
  const title = [
    `machine ${machine}`,
    `kernel ${formatKernel(graph)}`,
    config,
    formatBounds(bounds),
    ...(symmetry ? ["states that differ by renaming only are one node"] : []),
    ...(leftOut === 0 ? [] : [`without ${plural(leftOut, "step")} whose successor no state can represent`]),
  ].join(" · ");
  const setting: PictureSetting = {
    config,
    kernels: [graph.kernel, ...(graph.against === undefined ? [] : [graph.against])],
    width: WIDTH,
  };
  const lines = [
    "digraph foliocheck {",
    `  graph [label=${quoted([title])}, labelloc=t, fontname=monospace];`,
    "  node [shape=box, fontname=monospace];",
    "  edge [fontname=monospace];",
    ...nodes.map(({ state, isInitial, violates }, index) => {
      const picture = plainText(drawState(state, undefined, setting).map(({ line }) => line));
      const label = [`state ${index}`, ...picture.trimEnd().split("\n"), ...violatedLines(violates)];
      return `  s${index} [label=${quoted(label)}${isInitial ? ", style=bold" : ""}${colour(violates)}];`;
    }),
    ...arrows(edges).map(({ from, to, label, violates }) => {
      return `  s${from} -> s${to} [label=${quoted(label)}${colour(violates)}];`;
    }),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

interface Arrow {
  readonly from: number;
  readonly to: number;
  readonly label: readonly string[];
  readonly violates: readonly string[];
}

/** Merges the steps from one state to another to one arrow, with a line for each. */
function arrows(edges: GraphReport["edges"]): readonly Arrow[] {
  const byEnds = new Map<string, Arrow>();
  for (const { from, to, call, violates } of edges) {
    const key = `${from} ${to}`;
    const arrow = byEnds.get(key) ?? { from, to, label: [], violates: [] };
    const line = [call, ...violatedLines(violates)].join(", ");
    byEnds.set(key, { ...arrow, label: [...arrow.label, line], violates: [...arrow.violates, ...violates] });
  }
  return [...byEnds.values()];
}

function violatedLines(violates: readonly string[]): string[] {
  return violates.length === 0 ? [] : [`violates ${violates.join(", ")}`];
}

function colour(violates: readonly string[]): string {
  return violates.length === 0 ? "" : ", color=red, fontcolor=red";
}

/** Formats a DOT string. Several lines are left-aligned (`\l`). */
function quoted(lines: readonly string[]): string {
  const escaped = lines.map((line) => line.replaceAll("\\", "\\\\").replaceAll('"', '\\"'));
  return `"${escaped.length === 1 ? escaped[0] : escaped.map((line) => `${line}\\l`).join("")}"`;
}
