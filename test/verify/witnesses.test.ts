/** Verdicts on witnesses, which detect lost behaviour of a model. */
import { expect, test } from "vitest";
import { replay, resolve, runJob } from "./built.ts";

test("a witness that no state reaches is unreached, and fails the run", () => {
  const request = { machine: "owner-tracking", kernel: "shared-cleared-with-slot", claims: ["W1"] };
  const run = runJob(resolve(request).job);
  expect(run.verdict).toBe("unreached");
  expect(run.properties.find(({ id }) => id === "W1")).toMatchObject({ verdict: "unreached", trace: null });
});

test("a witness is incomplete if the search ended before reaching it", () => {
  const run = runJob(resolve({ machine: "owner-tracking", claims: ["W1"], budget: { maxDepth: 2 } }).job);
  expect(run.verdict).toBe("incomplete");
  expect(run.properties.find(({ id }) => id === "W1")).toMatchObject({ verdict: "incomplete", trace: null });
});

test.each([
  ["W1", { machine: "owner-tracking" }],
  ["W2", { machine: "owner-tracking" }],
  ["W5", { machine: "rmap", config: "32bit,mm-id-mapcount-max=1", bounds: { pages: 2, mms: 2, anon: 0, file: 2 } }],
])("%s is reached by a trace that replays", (id, request) => {
  const trace = runJob(resolve(request).job).properties.find((each) => each.id === id)?.trace;
  expect(trace).not.toBe(null);
  if (trace !== null && trace !== undefined) {
    expect(replay(trace)).toMatchObject({ outcome: { kind: "reached" }, witness: true, trace });
    const shorter = { ...trace, steps: trace.steps.slice(0, -1) };
    expect(() => replay(shorter)).toThrow(`does not decide ${id} under its own kernel`);
  }
});
