/** Fields of a state with their values before and after a step. */
import { type Line, type Span, span, widthOf, wrap } from "../text/styled-text.ts";

/** Width of the label column, which contains names of folios, holders, … */
export const LABEL_WIDTH = 13;

/** Field as text. */
export interface Field {
  readonly text: string;
  readonly changed: boolean;
  /** Whether it has the value of an unused object. */
  readonly fresh: boolean;
}

/** Line of a picture. A changed line is marked at its left. */
export interface PictureLine {
  readonly line: Line;
  readonly changed: boolean;
}

/** Formats a value, or `old → new` if it changed. */
export function changeOf(now: string, before: string | undefined): string {
  return before === undefined || before === now ? now : `${before} → ${now}`;
}

/**
 * Creates a field with a name.
 *
 * @param before the value before the step; undefined if there is none
 * @param fresh the value in an unused object
 */
export function field(name: string, now: string, before: string | undefined, fresh?: string): Field {
  return {
    text: `${name} ${changeOf(now, before)}`,
    changed: before !== undefined && before !== now,
    fresh: now === fresh,
  };
}

/** Whether a field is shown: it changed, or differs from that of an unused object. */
export function isShown({ changed, fresh }: Field): boolean {
  return changed || !fresh;
}

/** Formats a value. */
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
 * Arranges fields in lines, as many as fit in each.
 *
 * @param label text before the first line
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
