/** The page docs/image-mistakes.md, with the table of a run. */

import type { CallerMistake } from "../gate/image/caller-mistake.ts";

/** Result of the search for a mistake. */
export interface TriedMistake {
  readonly mistake: CallerMistake;
  readonly verdict: string;
  /** The violated properties, and the reports of the kernel or the harness. */
  readonly shownBy: readonly string[];
  /** Number of operations of the trace. */
  readonly steps: number;
  readonly states: number;
}

/** Files with a separate row; all others share one row. */
const FILES = ["mm/memory.c", "mm/huge_memory.c", "mm/rmap.c", "mm/migrate.c"];

const isFound = ({ verdict }: TriedMistake): boolean => verdict === "violated";

function rowOf({ mistake, shownBy, steps, states }: TriedMistake): string {
  const { file, in: name, what, outcome } = mistake;
  const place = `\`${name}()\`, ${file}`;
  const by = shownBy.map((each) => `\`${each}\``).join(", ");
  const profile = outcome.kind === "found" ? (outcome.profile ?? "quick") : "";
  return `| ${place} | ${what} | ${by} | ${profile} | ${steps} | ${states} |`;
}

function survivorRow({ mistake: { file, in: name, what, outcome } }: TriedMistake): string {
  return `| \`${name}()\`, ${file} | ${what} | ${outcome.kind === "survives" ? outcome.because : ""} |`;
}

function countRow(name: string, tried: readonly TriedMistake[]): string {
  const atQuick = tried.filter(({ mistake: { outcome } }) => outcome.kind === "found" && outcome.profile === undefined);
  return `| ${name} | ${tried.length} | ${tried.filter(isFound).length} | ${atQuick.length} |`;
}

/** Returns the page. @param release release of the kernel tree, such as `6.18.35` */
export function mistakesPage(release: string, config: string, tried: readonly TriedMistake[]): string {
  const rows = (found: boolean, row: (each: TriedMistake) => string): string =>
    tried
      .filter((each) => isFound(each) === found)
      .map(row)
      .join("\n");
  const counts = [
    ...FILES.map((file) =>
      countRow(
        file,
        tried.filter(({ mistake }) => mistake.file === file),
      ),
    ),
    countRow(
      "other files",
      tried.filter(({ mistake }) => !FILES.includes(mistake.file)),
    ),
    countRow("all", tried),
  ].join("\n");
  return `# Mistakes in callers

Mistakes that were put into Linux ${release} on purpose, each a change of a few words in one function, and what finds them
on an [mm image](image.md) in \`${config}\`. \`test/gate/image/caller-mistakes.ts\`
has the changes. They were written down before any was tried. Each was then searched for with the bounds of one group of
operations of the [gate](gate-internals.md#bounds-of-mm-images), at the first profile that finds it.

| file | mistakes | found | at \`quick\` |
| --- | --- | --- | --- |
${counts}

## Found

*Steps* are the operations of the trace, *states* those of the search that ends with it.

| in | mistake | shown by | profile | steps | states |
| --- | --- | --- | --- | --- | --- |
${rows(true, rowOf)}

## Not found

All groups of \`quick\` hold with each of these.

| in | mistake | why |
| --- | --- | --- |
${rows(false, survivorRow)}
`;
}
