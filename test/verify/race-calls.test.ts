import { describe, expect, test } from "vitest";
import { RACE_MACHINE } from "../../machines/race.ts";
import { formatOperation, type OperationSignature } from "../../model/race/race-calls.ts";
import { resolve } from "../../verify/job/job.ts";
import { parseCalls, parseCpuCalls } from "../../verify/request/race-calls.ts";

const { job, kernel } = resolve({ machine: "race", bounds: { gup: 1 } });
const signatures = RACE_MACHINE.calls?.signatures(job.bounds, kernel) as readonly OperationSignature[];
const texts = (text: string): string[][] => parseCpuCalls(text, signatures).map((calls) => calls.map(formatOperation));

describe("syntax of CPU calls", () => {
  test.each([
    ["zap(mm: 0, first: 0, count: 1)", "zap(mm: 0, first: 0, count: 1)"],
    ["zap(0, 0, 1)", "zap(mm: 0, first: 0, count: 1)"],
    ["zap(count: 1, first: 0, mm: 1)", "zap(mm: 1, first: 0, count: 1)"],
    [" fork( 0 ,1 ) ", "fork(parent: 0, child: 1)"],
    ["gupFast(0, 1, pin: true)", "gupFast(mm: 0, entry: 1, pin: true)"],
    ["maybeMappedShared()", "maybeMappedShared()"],
    ["folio_maybe_mapped_shared()", "maybeMappedShared()"],
    ["gup_fast(0, 0, false)", "gupFast(mm: 0, entry: 0, pin: false)"],
    ["folio_try_get()", "speculativeReference()"],
    ["do_wp_page(0, 1)", "writeFault(mm: 0, entry: 1)"],
  ])("%s is parsed as a call", (text, call) => {
    expect(texts(text)).toEqual([[call]]);
  });

  test("bars separate CPUs, and semicolons the calls of one CPU", () => {
    expect(texts("zap(0, 0, 1); exit(0) | newMm(0)|exit(1);")).toEqual([
      ["zap(mm: 0, first: 0, count: 1)", "exit(mm: 0)"],
      ["newMm(mm: 0)"],
      ["exit(mm: 1)"],
    ]);
    expect(parseCalls(" ; ", signatures)).toEqual([]);
  });

  test.each([
    ["exit 0", /"exit 0" is no call; want one such as zap/],
    ["munmap(0)", /^unknown operation "munmap"; want newMm, fork, .* or maybeMappedShared$/],
    ["zap(0, 0)", /^cannot call zap\(0, 0\): want zap\(mm: 0 or 1, first: 0 or 1, count: 1 or 2\)$/],
    ["zap(0, 0, 1, 1)", /^cannot pass "1" to zap: want zap\(/],
    ["zap(0, 0, pages: 1)", /^cannot pass "pages: 1" to zap: want zap\(/],
    ["zap(0, 1, 2)", /^cannot call zap\(0, 1, 2\) within these bounds: want zap\(/],
    ["zap(2, 0, 1)", /within these bounds/],
    ["zap(0, mm: 0, 1)", /^cannot call/],
    ["fork(0, 0)", /^cannot call fork\(0, 0\) within these bounds: want fork\(parent: 0 or 1, child: 0 or 1\)$/],
    ["exit(0) |", /^no call for CPU 1; want calls such as/],
    ["", /^no call; want calls such as/],
  ])("the text %j is refused in one sentence", (text, message) => {
    expect(() => parseCpuCalls(text, signatures)).toThrow(message);
  });
});
