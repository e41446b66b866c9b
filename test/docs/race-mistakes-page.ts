/** The page docs/race-mistakes.md, with the tables of a run. */
import type { RaceMistake } from "../gate/image/race-mistake.ts";

/** Result of the search for a mistake. */
export interface TriedRaceMistake {
  readonly mistake: RaceMistake;
  /** The violated properties, and the reports of the kernel or the harness. */
  readonly shownBy: readonly string[];
  /** Number of operations of the trace, the race included. */
  readonly steps: number;
  readonly states: number;
}

const isFound = ({ shownBy }: TriedRaceMistake): boolean => shownBy.length > 0;

const placeOf = ({ mistake: { file, in: name } }: TriedRaceMistake): string => `\`${name}()\`, ${file}`;

const boundsOf = ({ mistake: { outcome, config } }: TriedRaceMistake): string =>
  [...Object.entries(outcome.group), ...(config === undefined ? [] : [["config", config] as const])]
    .map(([name, value]) => `--${name} ${value}`)
    .join(" ");

function foundRow(tried: TriedRaceMistake): string {
  const by = tried.shownBy.map((each) => `\`${each}\``).join(", ");
  return `| ${placeOf(tried)} | ${tried.mistake.what} | ${by} | \`${boundsOf(tried)}\` | ${tried.steps} | ${tried.states} |`;
}

function survivorRow(tried: TriedRaceMistake): string {
  const { outcome, what } = tried.mistake;
  const why = outcome.kind === "survives" ? outcome.because : "";
  return `| ${placeOf(tried)} | ${what} | \`${boundsOf(tried)}\` | ${why} |`;
}

/**
 * Returns the page.
 *
 * @param release release of the kernel tree, such as `6.18.35`
 * @param tried results by what the mistakes break, such as "references"
 */
export function raceMistakesPage(
  release: string,
  config: string,
  tried: ReadonlyMap<string, readonly TriedRaceMistake[]>,
): string {
  const all = [...tried.values()].flat();
  const counts = [...tried, ["all", all] as const]
    .map(([kind, of]) => `| ${kind} | ${of.length} | ${of.filter(isFound).length} |`)
    .join("\n");
  const rows = (of: readonly TriedRaceMistake[], row: (each: TriedRaceMistake) => string): string =>
    of.map(row).join("\n");
  return `# Mistakes that only another CPU shows

Mistakes that were put into Linux ${release} on purpose, each a change of a few words in one function, and what finds
them on an [mm image](image.md#two-cpus) in \`${config}\`, if the bounds name no other
configuration: a test that is not repeated under the lock, a lock that is released between a test and what depends on
it, a reference that is taken late or dropped early.
\`test/gate/image/race-mistakes.ts\` has the changes. No execution of one CPU shows any of them within these bounds.
Where folios migrate, [R10](found.md#fixed-in-later-releases) is put right first, since a search ends with its first
violation.

| mistakes | tried | found |
| --- | --- | --- |
${counts}

## Found

*Steps* are the operations of the trace, of which the race is one; *states* those of the search that ends with it.

| in | mistake | shown by | bounds | steps | states |
| --- | --- | --- | --- | --- | --- |
${rows(all.filter(isFound), foundRow)}

## Not found

No property is violated within these bounds.

| in | mistake | bounds | why |
| --- | --- | --- | --- |
${rows(
  all.filter((each) => !isFound(each)),
  survivorRow,
)}
`;
}
