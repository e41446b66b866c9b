import { describe, expect, test } from "vitest";
import { github } from "../../report/github/search.ts";
import { formatTrace } from "../../report/trace/format-trace.ts";
import { goodRun, rmapTrace, suite, unreachedRun, violatedRun } from "./fixtures.ts";
import { pinsTrace } from "./scope-traces.ts";

describe("github", () => {
  const lines = github(suite).split("\n");

  test("GitHub has an annotation for a violated property, with its claim, its run and the calls of its trace", () => {
    const error = lines.find((line) => line.startsWith("::error title=foliocheck%3A C8 violated::")) ?? "";
    const message = error.slice(error.lastIndexOf("::") + 2).split("%0A");
    expect(message[0]).toBe(rmapTrace.claim);
    expect(message).toContain("Source: follows from series v3 12/20");
    expect(message.find((each) => each.startsWith("Run: "))).toContain("rmap · pages 4");
    expect(message.slice(-3)).toEqual(rmapTrace.steps.map(({ call }, i) => `${i + 1}. ${call}`));
  });

  test("GitHub has the calls of a trace in words", () => {
    const [property] = violatedRun.properties;
    const pinned = { ...violatedRun, properties: [{ ...property, trace: pinsTrace } as NonNullable<typeof property>] };
    expect(github(pinned)).toContain("%0A3. gup(mm: 0, entry: 0, kind: FOLL_GET)%0A");
  });

  test("GitHub has a trace with its pictures in a folded group", () => {
    const start = lines.indexOf("::group::Counterexample to C8");
    const end = lines.indexOf("::endgroup::");
    expect(start).toBeGreaterThanOrEqual(0);
    expect(`${lines.slice(start + 1, end).join("\n")}\n`).toBe(
      formatTrace(rmapTrace, { color: false, shows: "violated" }),
    );
  });

  test("GitHub has an annotation for an unreached witness", () => {
    expect(github(unreachedRun)).toMatch(
      /^::error title=foliocheck%3A W1 unreached::Unreached: the model lost behaviour/,
    );
  });

  test("GitHub has warnings for incomplete runs and coverage gaps, and a notice at the end", () => {
    expect(lines).toContainEqual(
      expect.stringMatching(/^::warning title=foliocheck%3A incomplete::.*the memory limit/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^::warning title=foliocheck%3A coverage::action exit/));
    expect(github(goodRun)).not.toContain("::error");
    expect(github(goodRun)).toMatch(/\n::notice title=foliocheck%3A holds::1 run, 12,345,678 states, .*\n$/);
  });

  test("workflow commands escape line breaks, percent signs, colons and commas where they have a meaning", () => {
    const [property] = violatedRun.properties;
    const odd = { ...property, id: "C8,a:b%\n", claim: "50% of\r\nthem: a, b", trace: null } as NonNullable<
      typeof property
    >;
    const [error] = github({ ...violatedRun, properties: [odd] }).split("\n");
    expect(error).toMatch(
      /^::error title=foliocheck%3A C8%2Ca%3Ab%25%0A violated::50%25 of%0D%0Athem: a, b%0ASource: /,
    );
  });
});
