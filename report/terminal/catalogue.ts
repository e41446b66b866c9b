/** Catalogue as text. */
import type { Catalogue } from "../../verify/catalogue.ts";
import { printLines } from "../text/print-lines.ts";
import { type Line, labelled, span } from "../text/styled-text.ts";

/** Formats the catalogue. */
export type CatalogueReporter = (catalogue: Catalogue, options: { readonly color: boolean }) => string;

/** Names of the reporters. */
export type CatalogueReporterName = "pretty" | "json";

/** The reporters by name. */
export const CATALOGUE_REPORTERS: { readonly [N in CatalogueReporterName]: CatalogueReporter } = {
  pretty: (catalogue, { color }) => printLines(lines(catalogue), color),
  json: (catalogue) => `${JSON.stringify(catalogue, null, 2)}\n`,
};

function lines({ machines, claims, variants, profiles, kernel }: Catalogue): Line[] {
  return [
    ...section(
      "Machines",
      machines.map(({ name, summary, bounds }) => [
        name,
        `${summary}. Bounds: ${bounds.map((each) => `${each.name} (${each.description})`).join(", ")}`,
      ]),
    ),
    ...section(
      "Claims (C: holds in every state; W: must be reachable)",
      claims.map(({ id, claim, source }) => [id, `${claim} [${source}]`]),
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
    ).slice(0, -1),
  ];
}

function section(title: string, entries: readonly (readonly [string, string])[]): Line[] {
  const width = Math.max(...entries.map(([name]) => name.length));
  return [
    [span(title, "strong")],
    ...entries.flatMap(([name, text]) => labelled(span(`  ${name.padEnd(width)}`), text, width + 4)),
    [],
  ];
}
