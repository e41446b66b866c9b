/** Parsers of printed traces. */
import { expect } from "vitest";

/** Returns the lines from step `number` up to the next empty line. */
export function stepOf(text: string, number: number): string[] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => new RegExp(`^ +${number}  `).test(line));
  return lines.slice(start, lines.indexOf("", start));
}

/** Returns the only line of a step that contains `text`. */
export function lineOf(step: readonly string[], text: string): string {
  const lines = step.filter((line) => line.includes(text));
  expect(lines, `lines with "${text}"`).toHaveLength(1);
  return lines[0] as string;
}

/** Returns the rows of a step that show page tables. */
export function pageTables(step: string): string[] {
  return step.split("\n").filter((line) => /^ {4}[ *] (entry|mm \d)/.test(line));
}
