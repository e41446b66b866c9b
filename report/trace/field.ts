/** Fields of a state with their values, and with the values they had before. */
import { type Line, type Span, span, widthOf, wrap } from "../text/styled-text.ts";

/** Width of the label column: fields stand to the right of a folio's name, a holder's, … */
export const LABEL_WIDTH = 13;

/** A field as text. */
export interface Field {
  readonly text: string;
  readonly changed: boolean;
  /** It has the value that it has in an object that was never used. */
  readonly fresh: boolean;
}

/** A line of a picture. A changed line is marked at its left. */
export interface PictureLine {
  readonly line: Line;
  readonly changed: boolean;
}

/** A value, or `old → new` when it changed. */
export function changeOf(now: string, before: string | undefined): string {
  return before === undefined || before === now ? now : `${before} → ${now}`;
}

/**
 * A field with a name.
 *
 * @param before the value before the step; undefined when there is none to compare with
 * @param fresh the value in an object that was never used
 */
export function field(name: string, now: string, before: string | undefined, fresh?: string): Field {
  return {
    text: `${name} ${changeOf(now, before)}`,
    changed: before !== undefined && before !== now,
    fresh: now === fresh,
  };
}

/** Whether a field says something: it changed, or is not as in an object that was never used. */
export function isTold({ changed, fresh }: Field): boolean {
  return changed || !fresh;
}

/** A value as text. */
export function show(value: unknown): string {
  return typeof value === "boolean"
    ? value
      ? "yes"
      : "no"
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
}

/**
 * Puts fields side by side, as many as fit a line.
 *
 * @param label what stands before the first line
 */
export function packFields(label: Span, fields: readonly Field[], indent: number, width: number): PictureLine[] {
  const gap = span("   ");
  const lines: PictureLine[] = [];
  let spans: Span[] = [];
  let changed = false;
  const flush = (): void => {
    if (spans.length > 0) {
      const head = lines.length === 0 ? { ...label, text: label.text.padEnd(indent) } : span(" ".repeat(indent));
      lines.push({ line: [head, ...spans], changed });
      spans = [];
      changed = false;
    }
  };
  for (const each of fields) {
    for (const text of wrap(each.text, width - indent)) {
      const next = span(text, each.changed ? "changed" : undefined);
      if (spans.length > 0 && indent + widthOf(spans) + gap.text.length + widthOf([next]) > width) {
        flush();
      }
      spans.push(...(spans.length > 0 ? [gap] : []), next);
      changed ||= each.changed;
    }
  }
  flush();
  return lines;
}
