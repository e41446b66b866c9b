/** Solvers: what they print, and what their answers together are worth. */
import { describe, expect, test } from "vitest";
import { agreed } from "../../proof/solver/panel.ts";
import { type Answer, answerIn, SOLVERS, solverNamed } from "../../proof/solver/solver.ts";
import { smtQuery } from "../../proof/symbolic/smt-lib.ts";
import { add, constant, equal, lessUnsigned, not, type Term, variable } from "../../proof/symbolic/term.ts";

const SAT: Answer = { kind: "sat", values: new Map() };
const UNSAT: Answer = { kind: "unsat" };
const UNKNOWN: Answer = { kind: "unknown", why: "no answer within 1 s" };

describe("The output of a solver", () => {
  test("is read with the values of symbols, however they are written", () => {
    const text = "sat\n((|mm_id[0]| #x0000000a)\n (T #b101) (exact true) (shared false)\n (|m(actor)| (_ bv7 36)))\n";
    const answer = answerIn(text);
    expect(answer.kind === "sat" && [...answer.values]).toEqual([
      ["mm_id[0]", 10n],
      ["T", 5n],
      ["exact", 1n],
      ["shared", 0n],
      ["m(actor)", 7n],
    ]);
  });

  test("is unsat whatever follows", () => {
    expect(answerIn('unsat\n(error "line 9: model is not available")\n')).toEqual(UNSAT);
  });

  test.each([
    ["unknown\n", "", "it does not know"],
    ["timeout\n", "", "timeout"],
    ['(error "line 1")\nunsat\n', "", '(error "line 1")'],
    ["", "out of memory\n", "out of memory"],
  ])("that is %j and %j is unknown", (out, err, why) => {
    expect(answerIn(out, err)).toEqual({ kind: "unknown", why });
  });
});

describe("Solvers together", () => {
  test.each<[string, readonly Answer[], Answer]>([
    ["agree", [UNSAT, UNSAT], UNSAT],
    ["answer when one does", [UNKNOWN, UNSAT], UNSAT],
    ["find a counterexample when one does", [SAT, UNKNOWN], SAT],
    ["do not know when none does", [UNKNOWN, UNKNOWN], UNKNOWN],
    [
      "prove nothing when they contradict each other",
      [UNSAT, SAT],
      { kind: "unknown", why: "cvc5 answers sat, z3 unsat" },
    ],
  ])("%s", (_, answers, expected) => {
    expect(agreed(["z3", "cvc5"], answers)).toEqual(expected);
  });
});

describe.each(SOLVERS.flatMap((name) => solverNamed(name) ?? []))("$name", (solver) => {
  const x = variable("x", 8);
  const question = (...conditions: readonly Term[]): string => smtQuery(["a test"], conditions, [x]);

  test("says that x + 1 < x has an answer, and which", async () => {
    const answer = await solver.solve(question(lessUnsigned(add(x, constant(1, 8)), x)), 20);
    expect(answer).toEqual({ kind: "sat", values: new Map([["x", 255n]]) });
  });

  test("says that x + 1 = x has none", async () => {
    expect(
      await solver.solve(question(not(equal(add(x, constant(1, 8)), add(constant(1, 8), x))), equal(x, x)), 20),
    ).toEqual(UNSAT);
  });

  test("is stopped when its time is up", async () => {
    const [a, b] = [variable("a", 64), variable("b", 64)];
    // A product of two primes.
    const { multiply, zeroExtend } = await import("../../proof/symbolic/term.ts");
    const wide = (term: Term): Term => zeroExtend(term, 128);
    const hard = equal(multiply(wide(a), wide(b)), constant(5404409356476829913n * 6133192865029429481n, 128));
    const answer = await solver.solve(smtQuery([], [hard, lessUnsigned(constant(1, 64), a)], []), 1);
    expect(answer.kind).toBe("unknown");
  });
});
