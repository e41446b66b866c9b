/** Signatures, which identify findings in a baseline. */
import { describe, expect, test, vi } from "vitest";
import type { CallFault } from "../../../gate/adapter/call-fault.ts";
import type { Finding } from "../../../gate/run/findings.ts";
import { kindOf, signatureOf } from "../../../gate/run/signature.ts";
import type { CallNode } from "../../../model/kernel/call-node.ts";
import { findingText } from "../../../report/text/diagnostic.ts";
import type { Diagnostic } from "../../../verify/report/diagnostic.ts";
import { ran, ranC } from "../../report/call-trees.ts";
import { rmapTrace } from "../../report/fixtures.ts";

// This file replaces the sentences of warnings: signatures must not depend on them.
vi.mock("../../model/kernel/warnings.ts", async (importOriginal) => ({
  ...(await importOriginal<object>()),
  warningSentence: (name: string) => `in other words: ${name}`,
}));

const finding = (cause: Diagnostic | undefined, more: Partial<Finding> = {}): Finding => ({
  property: "C13",
  mode: "claims",
  config: "page-mapcount,64bit,mm-id",
  machine: "rmap",
  claim: "Statistics are exact",
  verdict: "violated",
  ...(cause === undefined ? {} : { cause }),
  trace: rmapTrace,
  ...more,
});

const differs = (...faults: readonly CallFault[]): string =>
  signatureOf(
    finding(
      { kind: "call", function: { name: "f", place: { file: "mm/rmap.c", line: faults.length } }, faults },
      { property: "CF.f", mode: "conformance", function: "f" },
    ),
  );

const breaks = (more: Partial<Finding>, ...calls: readonly CallNode[]): string =>
  signatureOf(
    finding(undefined, {
      trace: { ...rmapTrace, steps: rmapTrace.steps.map((step) => ({ ...step, functions: [{ calls }] })) },
      ...more,
    }),
  );

const field = (
  name: "_large_mapcount" | "_mm_id_mapcount" | "_mapcount",
  compiled: number,
  model: number,
  index?: number,
): CallFault => ({
  kind: "field",
  field: name,
  ...(index === undefined ? {} : { index }),
  compiled,
  model,
});

const warns = (line: number, condition: string): CallFault => ({
  kind: "tree-warning",
  place: { file: "include/linux/rmap.h", line },
  condition,
});

const outOfRange = (value: number, most: number): CallFault => ({
  kind: "impossible",
  values: [{ kind: "out-of-range", field: "stats.nrAnonMapped", value, least: 0, most }],
});

const mappedPages = (value: number): CallFault => ({
  kind: "impossible",
  values: [{ kind: "total-mapped-pages", value, pages: 2 }],
});

describe("the signature of a difference between C code and model", () => {
  test.each<[string, CallFault, CallFault]>([
    ["lines", warns(7, "VM_WARN_ON(nr == 3)"), warns(9, "VM_WARN_ON(nr == 3)")],
    ["the compared numbers", field("_large_mapcount", 3, 2), field("_large_mapcount", 9, 5)],
    [
      "by how much statistics change",
      { kind: "statistic", field: "NR_ANON_MAPPED", compiled: -4, model: -8 },
      { kind: "statistic", field: "NR_ANON_MAPPED", compiled: 4, model: 3 },
    ],
    ["ranges of fields", outOfRange(13, 12), outOfRange(25, 24)],
  ])("does not depend on %s", (_, one, other) => {
    expect(differs(one)).toBe(differs(other));
  });

  test.each<[string, CallFault, CallFault]>([
    ["indices", field("_mm_id_mapcount", 3, 2, 0), field("_mm_id_mapcount", 3, 2, 1)],
    ["pages", field("_mapcount", 1, 0, 0), field("_mapcount", 1, 0, 3)],
    ["directions", { kind: "result", compiled: 0, model: 1 }, { kind: "result", compiled: 1, model: 0 }],
    ["results", { kind: "result", compiled: true, model: false }, { kind: "result", compiled: false, model: true }],
    ["directions of a count", mappedPages(1), mappedPages(3)],
    ["conditions", warns(7, "VM_WARN_ON(nr == 3)"), warns(7, "VM_WARN_ON(nr == 4)")],
    ["sides of a range", outOfRange(-1, 12), outOfRange(13, 12)],
  ])("depends on %s", (_, one, other) => {
    expect(differs(one)).not.toBe(differs(other));
  });

  test("names fields and directions", () => {
    expect(differs(field("_large_mapcount", 3, 2), field("_mm_id_mapcount", 1, 2, 1))).toBe(
      "CF.f: _large_mapcount too-much; _mm_id_mapcount[1] too-little",
    );
  });
});

describe("the signature of a violated claim", () => {
  const REMOVE = ranC("folio_remove_rmap_ptes", "mm/rmap.c:1813");

  test("contains the machine and the functions that ran last, without their lines", () => {
    const signature = breaks(
      {},
      ran("folio_remove_rmap_ptes", [], [REMOVE, ranC("__folio_remove_rmap", "mm/rmap.c:1700")]),
    );
    expect(signature).toBe("C13 on rmap by folio_remove_rmap_ptes, __folio_remove_rmap");
    expect(breaks({}, ranC("folio_remove_rmap_ptes", "mm/rmap.c:1"), ranC("__folio_remove_rmap", "mm/rmap.c:2"))).toBe(
      signature,
    );
    expect(breaks({}, REMOVE)).not.toBe(signature);
    expect(breaks({ machine: "pmd" }, REMOVE)).not.toBe(breaks({}, REMOVE));
  });

  test("contains the functions that the claim called", () => {
    const queries = [ranC("folio_maybe_mapped_shared", "include/linux/mm.h:56")];
    expect(breaks({ trace: { ...rmapTrace, queries } })).toBe("C13 on rmap by folio_maybe_mapped_shared");
  });

  test("marks a witness as unreached", () => {
    expect(breaks({ trace: null, verdict: "unreached" })).toBe("C13 on rmap: unreached");
  });
});

const place = { file: "mm/rmap.c", line: 12 };

const side = (
  name: string,
  isWrite: boolean,
  line: number,
): { readonly [key: string]: unknown } & Extract<Diagnostic, { kind: "data-race" }>["one"] => ({
  text: `load ${line}`,
  object: "folio->_mm_ids",
  isWrite,
  marked: false,
  functions: ["outer", name],
  place: { file: "mm/rmap.c", line },
});

/** A diagnostic of each kind, with its identity. */
const KINDS: readonly (readonly [Diagnostic, string])[] = [
  [{ kind: "kernel-warning", name: "badPte", by: ["zap_present_folio_ptes"] }, "badPte"],
  [{ kind: "one-sided", what: "warning", under: "tree", notUnder: "v7.1" }, "warning under tree alone"],
  [
    { kind: "data-race", one: side("f", false, 3), other: side("g", true, 4) },
    "data-race f plain read folio->_mm_ids / g plain write folio->_mm_ids",
  ],
  [{ kind: "call", faults: [{ kind: "lock-left" }, { kind: "outside", object: "mm" }] }, "lock-left; outside mm"],
  [
    { kind: "call", faults: [{ kind: "not-ended", reason: "iterations", in: { name: "f", place } }] },
    "not-ended iterations f",
  ],
  [
    { kind: "query", function: { name: "folio_mapcount", place }, folio: 1, faults: [{ kind: "lock-left" }] },
    "folio_mapcount query lock-left",
  ],
  [{ kind: "image", report: { kind: "assertion", severity: "BUG", function: "f", place } }, "BUG mm/rmap.c f"],
  [
    {
      kind: "lockstep",
      differences: [
        { place: { kind: "folio", folio: "B" }, field: "refcount", model: 3, image: 4 },
        { place: { kind: "folio", folio: "A" }, field: "refcount", model: 1, image: 7 },
        { place: { kind: "entry", process: 1, page: 9 }, field: "writable", model: true, image: false },
      ],
    },
    "entry writable false true; folio refcount too-much",
  ],
  [
    {
      kind: "layout",
      fault: {
        kind: "overlap",
        folio: "large folio",
        one: { name: "_a", offset: 8, bytes: 4 },
        other: { name: "_b", offset: 10, bytes: 4 },
      },
    },
    "overlap large folio _a _b",
  ],
  [{ kind: "not-repeatable" }, "not-repeatable"],
];

/** Replaces every message of a finding: of claims, sources, accesses and traps. */
function reworded(own: Finding): Finding {
  const MESSAGES = ["claim", "source", "text", "message", "call"];
  return JSON.parse(
    JSON.stringify(own, (key, value: unknown) =>
      MESSAGES.includes(key) && typeof value === "string" ? `in other words: ${value}` : value,
    ),
  ) as Finding;
}

test("signatures do not change if every message is reworded", () => {
  for (const [diagnostic] of KINDS) {
    for (const mode of ["claims", "conformance", "image", "layout"] as const) {
      const own = finding(diagnostic, { mode });
      expect(signatureOf(reworded(own))).toBe(signatureOf(own));
    }
  }
  const [race] = KINDS.flatMap(([each]) => (each.kind === "data-race" ? [finding(each)] : []));
  expect(race && reworded(race)).not.toEqual(race);
});

describe("the identity of a diagnostic", () => {
  test.each(KINDS)("consists of names: %j", (diagnostic, identity) => {
    expect(kindOf(finding(diagnostic))).toBe(`C13: ${identity}`);
  });

  test("contains no word of a message", () => {
    for (const [diagnostic] of KINDS) {
      const message = findingText(finding(diagnostic));
      const identity = kindOf(finding(diagnostic));
      expect(identity).not.toContain(message);
      // Sentences have articles and verbs, names do not.
      expect(identity).not.toMatch(/\b(?:the|is|it|does|not in)\b/);
    }
  });
});
