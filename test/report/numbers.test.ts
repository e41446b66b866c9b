import { expect, test } from "vitest";
import {
  formatBytes,
  formatPositions,
  formatRate,
  formatSeconds,
  formatSet,
  plural,
} from "../../report/text/numbers.ts";
import { buildLine, progressLine, sizeHint } from "../../report/text/progress.ts";

const progress = {
  depth: 7,
  states: 1_234_567,
  frontier: 12_345,
  transitions: 34_000_000,
  seconds: 10,
  tableBytes: 120_000_000,
};

test("progress is one line", () => {
  expect(progressLine(progress)).toBe(
    "depth 7 · 1,234,567 states · at least 12,345 to expand · 3.4 M transitions/s · 120 MB",
  );
  expect(progressLine({ ...progress, estimatedStates: 34_567_890 })).toContain(
    " · at least 12,345 to expand · about 34.6 M in all (estimate) · ",
  );
  expect(progressLine({ ...progress, frontier: 0, walks: 17 })).toBe(
    "17 walks · depth 7 · 1,234,567 states · 3.4 M transitions/s · 120 MB",
  );
  expect(progressLine({ ...progress, seconds: 0 })).toBe(
    "depth 7 · 1,234,567 states · at least 12,345 to expand · 120 MB",
  );
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [999.6, "1.0 kB"],
  [1_500, "1.5 kB"],
  [99_940, "99.9 kB"],
  [99_960, "100 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [2_500_000_000, "2.5 GB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0.00 s"],
  [0.123, "0.12 s"],
  [9.996, "10.0 s"],
  [99.94, "99.9 s"],
  [99.96, "1 min 40 s"],
  [185, "3 min 05 s"],
  [3599.6, "1 h 00 min"],
  [7_380, "2 h 03 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test("a rate below a thousand is printed without a prefix", () => {
  expect(formatRate(950, "transitions/s")).toBe("950 transitions/s");
});

test("consecutive numbers of a set are printed as a range", () => {
  expect(formatSet([])).toBe("none");
  expect(formatSet([0, 1, 2, 3])).toBe("0–3");
  expect(formatSet([1, 2, 5, 7, 8, 9])).toBe("1, 2, 5, 7–9");
});

test("positions are printed with their noun", () => {
  expect(formatPositions("page", [])).toBe("none");
  expect(formatPositions("page", [2])).toBe("page 2");
  expect(formatPositions("slot", [0, 1, 2, 7])).toBe("slots 0–2, 7");
});

test("plural() uses the singular for one", () => {
  expect([plural(1, "state"), plural(0, "state"), plural(1_000, "state")]).toEqual([
    "1 state",
    "0 states",
    "1,000 states",
  ]);
});

test("sizeHint() proposes smaller bounds once a search is estimated to take long", () => {
  expect(sizeHint({ ...progress, estimatedStates: 19_999_999 })).toBeUndefined();
  expect(sizeHint(progress)).toBeUndefined();
  expect(sizeHint({ ...progress, estimatedStates: 50_000_000 })).toMatch(
    /^hint: about 50\.0 M states in all, by a rough /,
  );
});

test("the line of a build has the configuration, and how many files are compiled", () => {
  const configuration = { pageMapcount: true, is64Bit: false, mmId: true };
  expect(buildLine({ configuration, total: 57, compiled: 2, cached: 0 })).toBe(
    "mm image page-mapcount,32bit,mm-id · 2 of 57 files",
  );
  expect(buildLine({ configuration, total: 57, compiled: 2, cached: 55 })).toBe(
    "mm image page-mapcount,32bit,mm-id · linking, 55 from the cache",
  );
  expect(buildLine(undefined)).toBeUndefined();
});
