/** Identifiers of test cases for systems that allow few characters, and that compare cases of many reports by them. */
import { createHash } from "node:crypto";
import type { TestCase, TestResults, TestSuite } from "./test-results.ts";

/** Largest length of an identifier, in characters. */
const MOST_CHARACTERS = 120;

/** A suite and its cases with identifiers: letters, digits, `_` and `-`; those of cases may have parts with dots. */
export interface IdentifiedSuite {
  readonly id: string;
  readonly suite: TestSuite;
  readonly cases: readonly { readonly id: string; readonly testCase: TestCase }[];
}

/** Returns the suites of a report with identifiers, which are distinct. */
export function identifiedSuites({ suites }: Pick<TestResults, "suites">): IdentifiedSuite[] {
  const ids = distinct(suites.map(({ id }) => identifier(id.replaceAll(".", "_"))));
  return suites.map((suite, i) => {
    const caseIds = distinct(suite.cases.map(({ id }) => identifier(id)));
    return {
      id: ids[i] ?? "",
      suite,
      cases: suite.cases.map((testCase, position) => ({ id: caseIds[position] ?? "", testCase })),
    };
  });
}

/** Returns a text with other characters replaced; a long one is shortened, and ends with a hash of the whole. */
export function identifier(text: string): string {
  const id = text
    .split(".")
    .map((part) => part.replace(/[^A-Za-z0-9_-]+/g, "_").replace(/^_+|_+$/g, ""))
    .filter((part) => part !== "")
    .join(".");
  if (id.length <= MOST_CHARACTERS) {
    return id;
  }
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
  return `${id.slice(0, MOST_CHARACTERS - hash.length - 1)}_${hash}`;
}

/** Numbers equal identifiers: `a`, `a_2`. */
function distinct(ids: readonly string[]): string[] {
  const used = new Map<string, number>();
  return ids.map((id) => {
    const count = (used.get(id) ?? 0) + 1;
    used.set(id, count);
    return count === 1 ? id : `${id}_${count}`;
  });
}
