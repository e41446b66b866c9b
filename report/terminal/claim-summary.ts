/** Claims in few lines: failed ones one by one, the others by topic. */
import type { Verdict } from "../../explore/search/search.ts";
import { CLAIM_TOPICS, claimOf } from "../../invariants/catalogue.ts";
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

/**
 * Formats claims under a heading: a row for each failed one, one for those whose failures are accepted, and a row for
 * all others of a topic and a verdict.
 */
export function claimSummaryLines(heading: Line, claims: readonly ClaimVerdict[]): Block[] {
  const failed = claims.filter(({ verdict }) => isFailure(verdict));
  const accepted = failed.filter(({ isAccepted }) => isAccepted);
  const others = claims.filter(({ verdict }) => !isFailure(verdict));
  const verdicts = (["incomplete", "holds", "reached"] as const).filter((verdict) =>
    others.some((each) => each.verdict === verdict),
  );
  const rows = [
    ...failed.filter((each) => !accepted.includes(each)).map((each) => row(each.verdict, each.id, each.claim)),
    ...(accepted[0] === undefined
      ? []
      : [
          row(accepted[0].verdict, idsText(accepted.map(({ id }) => id)), "known findings, which the baseline accepts"),
        ]),
    ...verdicts.flatMap((verdict) => topicRows(verdict, others)),
  ];
  return rows.length === 0
    ? []
    : [heading, ...table([{ title: "" }, { title: "" }, { title: "", wraps: true }], rows, 2)];
}

function row(verdict: Verdict, ids: string, text: string): Span[] {
  return [verdictSpan(verdict), span(ids, "strong"), span(text)];
}

/** Returns the rows of the claims with a verdict, by topic. A claim without a topic has its own row. */
function topicRows(verdict: Verdict, all: readonly ClaimVerdict[]): Span[][] {
  const claims = all.filter((each) => each.verdict === verdict);
  const withTopic = new Set(CLAIM_TOPICS.flatMap((topic) => topic.claims));
  return [
    ...CLAIM_TOPICS.flatMap(({ topic, claims: ids }) => {
      const own = ids.filter((id) => claims.some((each) => each.id === id));
      return own.length === 0 ? [] : [row(verdict, idsText(own), topic)];
    }),
    ...claims.filter(({ id }) => !withTopic.has(id)).map(({ id, claim }) => row(verdict, id, claim)),
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
