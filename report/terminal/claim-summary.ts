/** Claims in few lines: failed ones one by one, the others by topic. */
import type { Verdict } from "../../explore/search/search.ts";
import { CLAIM_TOPICS, type ClaimTopic, claimOf } from "../../invariants/catalogue.ts";
import { claimVerdict } from "../../verify/run-verdict.ts";
import type { Block } from "../text/block.ts";
import { type Line, type Span, span } from "../text/styled-text.ts";
import { table } from "../text/table.ts";
import { isFailure, verdictSpan } from "../text/verdict.ts";

/** Verdict on a claim or a property. */
export interface ClaimVerdict {
  readonly id: string;
  /** The claim as one sentence. */
  readonly claim: string;
  readonly verdict: Verdict;
  /** Whether every failure is accepted in the baseline. */
  readonly isAccepted?: boolean;
}

/** Claims that were checked in one way, which have a column of their own. */
export interface ClaimColumn {
  /** Heading of the column; empty where it is the only one. */
  readonly title: string;
  readonly claims: readonly ClaimVerdict[];
}

const VERDICTS = ["incomplete", "holds", "reached"] as const;

/**
 * Formats claims under a heading, with a column for each way of checking that has claims: a row for each failed claim,
 * one for those whose failures are accepted, and a row for all others of a topic and a verdict.
 */
export function claimSummaryLines(heading: Line, columns: readonly ClaimColumn[]): Block[] {
  const used = columns.filter(({ claims }) => claims.length > 0);
  const failed = used.flatMap((column) =>
    column.claims.filter(({ verdict }) => isFailure(verdict)).map((claim) => ({ column, claim })),
  );
  const accepted = failed.filter(({ claim }) => claim.isAccepted);
  const cells = (idsOf: (column: ClaimColumn) => readonly string[]): string[] =>
    used.map((each) => idsText(idsOf(each)));
  const rows = [
    ...failed
      .filter((each) => !accepted.includes(each))
      .map(({ column, claim }) =>
        row(
          claim.verdict,
          cells((each) => (each === column ? [claim.id] : [])),
          claim.claim,
        ),
      ),
    ...(accepted[0] === undefined
      ? []
      : [
          row(
            accepted[0].claim.verdict,
            cells((each) => accepted.filter(({ column }) => column === each).map(({ claim }) => claim.id)),
            "accepted in the baseline",
          ),
        ]),
    ...VERDICTS.flatMap((verdict) =>
      topicsOf(used.flatMap(({ claims }) => claims.filter((each) => each.verdict === verdict))).map(
        ({ topic, claims }) =>
          row(
            verdict,
            cells((each) => claims.filter((id) => each.claims.some((own) => own.id === id && own.verdict === verdict))),
            topic,
          ),
      ),
    ),
  ];
  return rows.length === 0
    ? []
    : [
        heading,
        ...table(
          [
            { title: "" },
            ...used.map(({ title }) => ({ title: used.length === 1 ? "" : title })),
            { title: "", wraps: true },
          ],
          rows,
          2,
        ),
      ];
}

function row(verdict: Verdict, ids: readonly string[], text: string): Span[] {
  return [verdictSpan(verdict), ...ids.map((each) => span(each, "strong")), span(text)];
}

/** Returns the topics of claims, in the order of the catalogue. A claim without a topic is one. */
function topicsOf(claims: readonly ClaimVerdict[]): ClaimTopic[] {
  const withTopic = new Set(CLAIM_TOPICS.flatMap((topic) => topic.claims));
  const others = new Map(claims.filter(({ id }) => !withTopic.has(id)).map(({ id, claim }) => [id, claim]));
  return [
    ...CLAIM_TOPICS.filter((topic) => topic.claims.some((id) => claims.some((each) => each.id === id))),
    ...[...others].map(([id, claim]) => ({ topic: claim, claims: [id] })),
  ];
}

/** Formats ids with ranges: `C1–C5, C8`. */
export function idsText(ids: readonly string[]): string {
  const runs: string[][] = [];
  for (const id of ids) {
    const last = runs.at(-1)?.at(-1);
    if (last !== undefined && id === successorOf(last)) {
      runs.at(-1)?.push(id);
    } else {
      runs.push([id]);
    }
  }
  return runs.flatMap((run) => (run.length > 2 ? [`${run[0]}–${run.at(-1)}`] : run)).join(", ");
}

const NATURAL_ORDER = new Intl.Collator("en", { numeric: true });

/** Compares ids: `C8` before `C17`. */
export function byNumber(one: string, other: string): number {
  return NATURAL_ORDER.compare(one, other);
}

/** Returns the next id: `C6` after `C5`. */
function successorOf(id: string): string {
  return id.replace(/\d+$/, (number) => String(Number(number) + 1));
}

/**
 * Merges properties to claims. A failed property stands for itself, and hides the other properties of its claim: the
 * claim neither holds nor is it incomplete.
 */
export function claimVerdicts(properties: readonly ClaimVerdict[]): ClaimVerdict[] {
  const ids = [...new Set(properties.map(({ id }) => claimOf(id)))];
  return ids.flatMap((id): ClaimVerdict[] => {
    const own = properties.filter((each) => claimOf(each.id) === id);
    const failed = own.filter(({ verdict }) => isFailure(verdict));
    return failed.length > 0
      ? failed
      : [{ id, claim: own[0]?.claim ?? "", verdict: claimVerdict(own.map(({ verdict }) => verdict)) }];
  });
}
