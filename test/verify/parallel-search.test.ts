import { describe, expect, test } from "vitest";
import type { JobRequest } from "../../verify/job/job.ts";
import { expectEqualOutcomes } from "./parallel-search.ts";

const sound: readonly JobRequest[] = [
  { machine: "owner-tracking", bounds: { pages: 4, mms: 3 } },
  { machine: "owner-tracking", bounds: { pages: 4, mms: 3 }, symmetry: false },
  { machine: "struct-pages", bounds: { pages: 4 } },
  { machine: "rmap", bounds: { pages: 2, mms: 2, folios: 2, file: 1 }, config: "no-page-mapcount" },
  { machine: "cow", bounds: { pages: 2, mms: 2, smallFolios: 1 } },
  { machine: "mremap", bounds: { pages: 2, mms: 2 } },
  { machine: "rmap", bounds: { pages: 2, mms: 3 }, against: "v7.1" },
];

const faulty: readonly JobRequest[] = [
  { machine: "owner-tracking", kernel: "slot-1-without-shared" },
  { machine: "owner-tracking", kernel: "slot-1-without-shared", allViolations: true, bounds: { pages: 2, mms: 3 } },
];

describe("The result of a search", () => {
  test.each(sound)("it is the same with two or three workers: %o", (request) => {
    expect(expectEqualOutcomes(request, request.symmetry === false ? 3 : 2)).toMatchObject({ outcome: "exhausted" });
  });

  test.each(faulty)("it has the same counterexamples with two workers: %o", (request) => {
    expect(expectEqualOutcomes(request, 2)).toMatchObject({ outcome: "violated" });
  });

  test("a limit ends it after the same state and the same transition with three workers", () => {
    const bounds = { pages: 2, mms: 2, smallFolios: 1 };
    for (const budget of [{ maxStates: 1 }, { maxStates: 1_234 }, { maxDepth: 7 }]) {
      expect(expectEqualOutcomes({ machine: "cow", bounds, budget }, 3)).toMatchObject({ outcome: "incomplete" });
    }
    const budget = { maxMemoryBytes: 2_000_000 };
    expect(expectEqualOutcomes({ machine: "struct-pages", budget }, 3)).toMatchObject({ stopped: "max-memory" });
  });
});
