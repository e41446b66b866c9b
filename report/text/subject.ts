/** Subjects of explorations as text. */
import { IMAGE_MACHINE } from "../../gate/image/world/image-bounds.ts";
import { formatOperation, type RaceCalls } from "../../model/race/race-calls.ts";
import type { OperationCall } from "../../races/race-model.ts";
import type { Subject } from "../../verify/report/report.ts";

/**
 * Formats bounds: `pages 4, mms 2`.
 *
 * @param space separator between a name and its value
 */
export function formatBounds(bounds: Subject["bounds"], space: string = " "): string {
  return Object.entries(bounds)
    .map(([name, value]) => `${name}${space}${value}`)
    .join(", ");
}

/** Returns the bounds that are not 0, which determine what a machine does. */
export function nonzero(bounds: Subject["bounds"]): Subject["bounds"] {
  return Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== 0));
}

/** Formats the bounds that are not 0, and says that there are others. @param space see {@link formatBounds} */
export function formatNonzeroBounds(bounds: Subject["bounds"], space: string = " "): string {
  const named = nonzero(bounds);
  const others = Object.keys(named).length < Object.keys(bounds).length ? "; the others are 0" : "";
  return `${formatBounds(named, space)}${others}`;
}

/** Formats the kernel under test, and the kernel it is compared with: `rfc-2026-04 against v6.15`. */
export function formatKernel({ kernel, against }: Pick<Subject, "kernel" | "against">): string {
  return against === undefined ? kernel : `${kernel} against ${against}`;
}

/** Formats the bounds of a subject: of an mm image, which has twenty, those that are not 0. @param space see {@link formatBounds} */
export function formatBoundsOf({ machine, bounds }: Pick<Subject, "machine" | "bounds">, space: string = " "): string {
  return (machine === IMAGE_MACHINE ? formatNonzeroBounds : formatBounds)(bounds, space);
}

/** Formats a subject in one line: machine, bounds, configuration, kernel. */
export function formatSubject(subject: Subject): string {
  const { machine, config } = subject;
  return [machine, formatBoundsOf(subject), config, formatKernel(subject)].filter((each) => each !== "").join(" · ");
}

/** Formats fixed calls with labels: the calls at the start, then those of each CPU. */
export function labelledCalls({ start, cpus }: RaceCalls): [label: string, calls: string][] {
  const text = (calls: readonly OperationCall[]): string => calls.map(formatOperation).join("; ");
  return [
    ["start", start.length === 0 ? "one MM lives" : text(start)],
    ...cpus.map((calls, cpu): [string, string] => [`CPU ${cpu}`, text(calls)]),
  ];
}
