/**
 * Functions that are executed with symbols, by their text, do what the engine does; the rest of JavaScript is refused
 * by name.
 */
import { describe, expect, test } from "vitest";
import { MM_ID_DUMMY } from "../../model/state/structs.ts";
import { Interpreter, type Surroundings, Thrown } from "../../proof/model/interpreter.ts";
import { allPaths, type Path, type Paths } from "../../proof/model/paths.ts";
import { asNumber, smaller, symbolicInt, symbolicTruth } from "../../proof/model/symbolic-value.ts";
import { constant, evaluator, lessSigned, type Term, variable } from "../../proof/symbolic/term.ts";
import { asInteger, isNotZero } from "../../proof/symbolic/tracked-terms.ts";
import * as fc from "../fast-check.ts";

interface Numbers {
  a: number;
  b: number;
  isSet: boolean;
}

function atMostTen(value: number): number {
  return value > 10 ? 10 : value;
}

const SURROUNDINGS: Surroundings = {
  exported: new Map<string, unknown>(Object.entries({ atMostTen, MM_ID_DUMMY, Math })),
  natives: new Map([[Math.min, smaller as (...parameters: readonly unknown[]) => unknown]]),
};

/** Functions that call each other through `this`. */
const SUBJECT = {
  limit: 5,
  twice(numbers: Numbers): number {
    numbers.a += numbers.a;
    return numbers.a;
  },
  raised(numbers: Numbers, by = 3): number {
    numbers.b = numbers.b + by;
    return numbers.b;
  },
  arithmetic({ a, b }: Numbers): number {
    return a - (b + 3) - -a;
  },
  branches(numbers: Numbers): number {
    if (numbers.a < numbers.b) {
      return numbers.a - numbers.b;
    }
    let result = numbers.a;
    if (numbers.a === 7) {
      result += 3;
    } else if (numbers.b >= 2 && numbers.a !== 9) {
      result -= numbers.b;
    }
    return result;
  },
  calls(numbers: Numbers): number {
    const first = this.twice(numbers) > this.limit ? this.raised(numbers) : this.raised(numbers, 1);
    return first + this.twice.call(this, numbers) - numbers.b;
  },
  logic(numbers: Numbers): number {
    numbers.isSet ||= numbers.a > 3;
    const both = numbers.isSet && !(numbers.b <= 0);
    // The right side does something: it is executed on the path of its own.
    const either = both || (numbers.a === numbers.b && this.twice(numbers) > 2);
    return either === both ? numbers.a : -numbers.b;
  },
  alternatives(numbers: Numbers): number {
    const other = numbers.a > 0 ? numbers : numbers.b > 0 ? undefined : numbers;
    return other !== undefined && other.a > 1 ? other.a : MM_ID_DUMMY;
  },
  named(numbers: Numbers, name = "b"): number {
    let steps = 1;
    switch (name) {
      case "a":
        steps = 7;
        break;
      case "b":
      case "c":
        numbers.b += 2;
        if (numbers.a > 0) {
          return numbers.b;
        }
        steps = 3;
        break;
      default:
        steps = 9;
    }
    return numbers.a + steps;
  },
  otherwise(numbers: Numbers): number {
    switch (this.limit) {
      case 1:
        return 1;
      default:
        numbers.a += 1;
    }
    return this.named(numbers, "d") + this.named(numbers, "a");
  },
  imports(numbers: Numbers): number {
    return Math.min(atMostTen(numbers.a), numbers.b);
  },
};

type Name = Exclude<keyof typeof SUBJECT, "limit">;

/** Result and stores of a call, as terms. */
type Result = Readonly<Record<"returned" | "a" | "b" | "isSet", Term>>;

/** Executes a function with symbols. */
function executed(fn: unknown, path: Path): Result {
  const numbers: Record<string, unknown> = {
    a: symbolicInt(asInteger(variable("a", 32))),
    b: symbolicInt(asInteger(variable("b", 32))),
    isSet: symbolicTruth(isNotZero(variable("set", 1))),
  };
  const returned = asNumber(new Interpreter(SURROUNDINGS, path).call(fn, SUBJECT, [numbers])).term;
  const { a, b, isSet } = numbers;
  const set =
    typeof isSet === "boolean" ? isNotZero(variable(isSet ? "one" : "zero", 1)) : (isSet as { term: Term }).term;
  return { returned, a: asNumber(a).term, b: asNumber(b).term, isSet: set };
}

/** The values at the end of the one path whose conditions hold. */
function valuesIn(paths: Paths<Result>, evaluate: (term: Term) => bigint): readonly number[] {
  if (paths.kind === "branch") {
    return valuesIn(evaluate(paths.condition) === 1n ? paths.ifTrue : paths.ifFalse, evaluate);
  }
  const { returned, a, b, isSet } = paths.result;
  return [returned, a, b, isSet].map((term) =>
    Number(BigInt.asIntN(term.width === 0 ? 2 : term.width, evaluate(term))),
  );
}

describe("A function with symbols", () => {
  test.each(Object.keys(SUBJECT).filter((name) => name !== "limit"))("does what the engine does: %s", (name) => {
    const fn = SUBJECT[name as Name];
    const paths = allPaths((path) => executed(fn, path));
    const number = fc.oneof(fc.integer({ min: -12, max: 12 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
    fc.assert(
      fc.property(number, number, fc.boolean(), (a, b, isSet) => {
        const numbers = { a, b, isSet };
        const returned = fn.call(SUBJECT, numbers);
        const values: Readonly<Record<string, bigint>> = { a: BigInt(a), b: BigInt(b), set: isSet ? 1n : 0n, one: 1n };
        const evaluate = evaluator((symbol) => values[symbol] ?? 0n);
        expect(valuesIn(paths, evaluate)).toEqual([returned + 0, numbers.a, numbers.b, Number(numbers.isSet)]);
      }),
      { numRuns: 300 },
    );
  });

  const secret = 4;

  test.each<[string, (numbers: Numbers) => unknown, string]>([
    ["a loop", loop, "syntax of type WhileStatement"],
    [
      "a product",
      function product({ a, b }) {
        return a * b;
      },
      "the operator * on a value that is not known",
    ],
    [
      "a switch by a symbol",
      function chosen({ a }) {
        switch (a) {
          case 1:
            return 2;
          default:
            return 3;
        }
      },
      "a switch by a value that is not known",
    ],
    ["a loose comparison", looselyEqual, "the operator =="],
    [
      "a number as a condition",
      function numeric({ a }) {
        return a ? 1 : 2;
      },
      "a number as a condition",
    ],
    [
      "a name of which nothing is known",
      function named({ a }) {
        return a + secret;
      },
      "the name secret, whose value is not known",
    ],
    [
      "a property that there is not",
      function missing(numbers) {
        return (numbers as never)["c"];
      },
      "a read of c",
    ],
    [
      "a function in a function",
      function inner({ a }) {
        return (() => a)();
      },
      "syntax of type ArrowFunctionExpression",
    ],
    [
      "a string",
      function text({ a }) {
        return `${a}`;
      },
      "syntax of type TemplateLiteral",
    ],
    ["a number that may have too many bits", wide, "a number that may have more than 36 bits"],
    ["numbers that depend on more than a thousand conditions", many, "more than 1000 paths"],
    ["no this of its own", () => 1, "an arrow function"],
  ])("is refused when it has %s", (_, fn, why) => {
    expect(() => allPaths((path) => executed(fn, path))).toThrow(why);
  });

  test("has no path on which an assumed condition does not hold", () => {
    const isSmall = lessSigned(asInteger(variable("a", 32)), constant(5, 36));
    function small({ a }: Numbers): number {
      return a < 5 ? 1 : 2;
    }
    const paths = allPaths((path) => executed(small, path), [isSmall]);
    expect(paths.kind === "end" && paths.result.returned).toBe(constant(1, 36));
    expect(allPaths((path) => executed(small, path)).kind).toBe("branch");
  });

  test("throws where the engine does", () => {
    function throws(numbers: Numbers): number {
      const other = numbers.a > 0 ? numbers : undefined;
      return (other as Numbers).b;
    }
    const paths = allPaths((path) => {
      try {
        return executed(throws, path).returned;
      } catch (error) {
        return error instanceof Thrown;
      }
    });
    expect(paths).toMatchObject({ kind: "branch", ifTrue: { result: { width: 36 } }, ifFalse: { result: true } });
  });
});

function loop({ a }: Numbers): number {
  let left = a;
  while (left > 0) {
    left -= 1;
  }
  return left;
}

function looselyEqual({ a, b }: Numbers): number {
  // biome-ignore lint/suspicious/noDoubleEquals: it is to be refused.
  return a == b ? 1 : 2;
}

function wide({ a }: Numbers): number {
  const two = a + a;
  const four = two + two;
  const eight = four + four;
  return eight + eight;
}

function many(numbers: Numbers): number {
  let sum = 0;
  if (numbers.a > 1) {
    sum += 1;
  }
  if (numbers.a > 2) {
    sum += 1;
  }
  if (numbers.a > 3) {
    sum += 1;
  }
  if (numbers.a > 4) {
    sum += 1;
  }
  if (numbers.a > 5) {
    sum += 1;
  }
  if (numbers.a > 6) {
    sum += 1;
  }
  if (numbers.a > 7) {
    sum += 1;
  }
  if (numbers.a > 8) {
    sum += 1;
  }
  if (numbers.a > 9) {
    sum += 1;
  }
  if (numbers.a > 10) {
    sum += 1;
  }
  return sum;
}
