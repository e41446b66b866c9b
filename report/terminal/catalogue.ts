/** Catalogue as text. */

import type { BoundDefinition } from "../../machines/machine.ts";
import type { Catalogue } from "../../verify/catalogue.ts";
import { optionOf } from "../../verify/job/subject-command.ts";
import { type Block, labelled } from "../text/block.ts";
import { type PrintOptions, printBlocks } from "../text/print-lines.ts";
import { span } from "../text/styled-text.ts";
import { table } from "../text/table.ts";

/** Options of the reporters. */
export interface CatalogueOptions extends PrintOptions {
  /** Whether to print everything about each entry: bounds of machines, sources of claims. */
  readonly detailed: boolean;
}

/** Formats the catalogue. */
export type CatalogueReporter = (catalogue: Catalogue, options: CatalogueOptions) => string;

/** Names of the reporters. */
export type CatalogueReporterName = "pretty" | "json";

/** The reporters by name. */
export const CATALOGUE_REPORTERS: { readonly [N in CatalogueReporterName]: CatalogueReporter } = {
  pretty: (catalogue, options) => printBlocks(blocks(catalogue, options.detailed), options),
  json: (catalogue) => `${JSON.stringify(catalogue, null, 2)}\n`,
};

function blocks({ machines, claims, variants, profiles, kernel }: Catalogue, detailed: boolean): Block[] {
  return [
    ...section(
      "Machines",
      machines.map(({ name, summary }) => [name, summary]),
    ),
    ...(detailed ? machines.flatMap(({ bounds }) => boundLines(bounds)) : []),
    ...section(
      "Claims (C: holds in every state; W: must be reachable)",
      claims.map(({ id, claim, source }) => [id, detailed ? `${claim} [${source}]` : claim]),
    ),
    ...section(
      `Variants of ${kernel}`,
      variants.map(({ name, summary, caughtBy, versions }) => [
        name,
        `${summary}. ${caughtBy === null ? "Fault-free: every claim holds" : `Faulty: caught by ${caughtBy}`}` +
          (versions === undefined
            ? ""
            : `; in Linux ${versions.first === undefined ? "" : `${versions.first} `}… ${versions.last}`),
      ]),
    ),
    ...section(
      "Profiles",
      profiles.map(({ name, summary, runs }) => [name, `${summary} (${runs} runs)`]),
    ),
  ].slice(0, -1);
}

function boundLines(bounds: readonly BoundDefinition[]): Block[] {
  const columns = [{ title: "" }, { title: "values" }, { title: "default" }, { title: "", wraps: true }];
  const rows = bounds.map(({ name, description, values, default: standard }) =>
    [optionOf(name), rangeText(values), String(standard), description].map((text) => span(text)),
  );
  return [[span("Bounds", "strong")], ...table(columns, rows, 2), []];
}

/** Formats values, such as `2 … 64` or `2, 4, 8`. */
function rangeText(values: readonly number[]): string {
  const [first = 0] = values;
  const isRange = values.length > 2 && values.every((value, i) => value === first + i);
  return isRange ? `${first} … ${values.at(-1)}` : values.join(", ");
}

/** Formats entries; nothing if there are none. */
function section(title: string, entries: readonly (readonly [string, string])[]): Block[] {
  if (entries.length === 0) {
    return [];
  }
  const width = Math.max(...entries.map(([name]) => name.length));
  return [
    [span(title, "strong")],
    ...entries.flatMap(([name, text]) => labelled(span(`  ${name.padEnd(width)}`), text, width + 4)),
    [],
  ];
}
