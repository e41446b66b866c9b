/** The command that repeats an exploration. */
import { groupsOf, memoryBounds, RACE_MACHINE } from "../../machines/race.ts";
import { DEFAULT_KERNEL } from "../../model/kernels/index.ts";
import { formatOperation, type RaceCalls } from "../../model/race/race-calls.ts";
import type { MemoryModel } from "../../races/race-model.ts";
import type { Subject } from "../report/report.ts";
import { shellWord } from "../report/shell-word.ts";

/** Bounds of machine race that fixed calls determine. */
const BOUNDS_OF_CALLS: ReadonlySet<string> = new Set([
  "cpus",
  ...Object.keys(memoryBounds("sc")),
  ...Object.keys(groupsOf({ start: [], cpus: [] })),
]);

/**
 * Returns the command `foliocheck check` or `foliocheck race` that explores a subject, with the options that its
 * definition needs.
 */
export function subjectCommand({
  machine,
  kernel,
  against,
  config,
  bounds,
  calls,
}: Subject & { readonly calls?: RaceCalls }): string {
  const isRace = machine === RACE_MACHINE.name && calls !== undefined;
  const boundWords = Object.entries(bounds)
    .filter(([name]) => !(isRace && BOUNDS_OF_CALLS.has(name)))
    .map(([name, value]) => `${optionOf(name)} ${value}`);
  const head = isRace
    ? [
        "foliocheck race",
        shellWord(calls.cpus.map((each) => each.map(formatOperation).join("; ")).join(" | ")),
        ...(calls.start.length === 0
          ? ["--start ''"]
          : [`--start ${shellWord(calls.start.map(formatOperation).join("; "))}`]),
        ...memoryWords(bounds),
      ]
    : [`foliocheck check ${machine}`];
  return [
    ...head,
    ...boundWords,
    `--config ${config}`,
    ...(kernel === DEFAULT_KERNEL ? [] : [`--variant ${kernel}`]),
    ...(against === undefined ? [] : [`--against ${against}`]),
  ].join(" ");
}

function memoryWords(bounds: Subject["bounds"]): string[] {
  const model = (["tso", "views"] satisfies MemoryModel[]).find((name) => bounds[name] === 1);
  return model === undefined ? [] : [`--memory ${model}`];
}

/** Returns the option for a bound, such as `--small-folios`. */
export function optionOf(bound: string): string {
  return `--${bound.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
