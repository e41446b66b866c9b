/** Cells and tables that several reports have. */
import type { Verdict } from "../../explore/search/search.ts";
import type { NotChecked } from "../../invariants/not-checked.ts";
import type { Provenance } from "../../verify/report/report.ts";
import { notCheckedText } from "../text/not-checked.ts";
import { FIXED_SPACE, type Role } from "../text/styled-text.ts";
import { markOf, roleOf } from "../text/verdict.ts";
import type { ContentFact, ContentTable, TableCell, Tone } from "./content.ts";

const TONES: { readonly [R in Role]: Tone } = {
  good: "good",
  bad: "bad",
  warn: "warn",
  dim: "dim",
  changed: "warn",
  strong: "dim",
};

/** Returns the tone of a role. */
export function toneOfRole(role: Role): Tone {
  return TONES[role];
}

/** Returns the tone of a verdict. */
export function toneOf(verdict: Verdict): Tone {
  return TONES[roleOf(verdict)];
}

/** Order of verdicts in sorted tables: the worst first. */
const ORDER: { readonly [M in string]: number } = { "✗": 0, "…": 1, "✓": 2 };

/** Formats a verdict: `✓ holds`. */
export function verdictCell(verdict: Verdict): TableCell {
  return {
    text: `${markOf(verdict)}${FIXED_SPACE}${verdict}`,
    tone: toneOf(verdict),
    sort: ORDER[markOf(verdict)] ?? 3,
  };
}

/** Formats a name of the kernel, a place or a call. */
export function codeCell(text: string): TableCell {
  return { text, isCode: true };
}

/** Formats a share in percent, rounded down, so that 100 % means all. */
export function shareCell(part: number, all: number): TableCell {
  return all === 0 ? "" : { text: `${Math.floor((100 * part) / all)} %`, sort: part / all };
}

/** Returns the table of what was not checked. Properties with the same reason are in one row. */
export function notCheckedTable(all: readonly NotChecked[]): ContentTable {
  const properties = new Map<string, string[]>();
  const others: NotChecked[] = [];
  for (const each of all) {
    const { subject, reason, part } = each;
    if (typeof subject === "object" && "property" in subject && reason !== undefined && part === undefined) {
      properties.set(reason, [...(properties.get(reason) ?? []), subject.property]);
    } else {
      others.push(each);
    }
  }
  return {
    title: "Not checked",
    columns: [{ title: "what" }, { title: "why" }],
    rows: [
      ...others.map(({ reason, ...subject }) => [notCheckedText(subject), reason ?? ""]),
      ...[...properties].map(([reason, ids]) => [ids.join(", "), reason]),
    ],
  };
}

/** Returns tables that have rows. */
export function withRows(tables: readonly ContentTable[]): ContentTable[] {
  return tables.filter(({ rows }) => rows.length > 0);
}

/** Returns a table of sentences. */
export function sentenceTable(title: string, sentences: readonly string[]): ContentTable {
  return { title, columns: [{ title: "" }], rows: sentences.map((sentence) => [sentence]) };
}

/** Lists versions, options and hashes. */
export function provenanceFacts(provenance: Provenance | undefined): ContentFact[] {
  if (provenance === undefined) {
    return [];
  }
  const { foliocheck, node, platform, inputs = {} } = provenance;
  return [
    { name: "foliocheck", text: foliocheck },
    { name: "Node.js", text: `${node}, ${platform}` },
    ...Object.entries(inputs).map(([name, hash]) => ({
      name: `SHA-256 of the ${name}`,
      text: hash,
      isCode: true as const,
    })),
  ];
}
