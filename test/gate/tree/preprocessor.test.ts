import { describe, expect, test } from "vitest";
import { Preprocessor } from "../../../gate/tree/preprocessor.ts";

function active(text: string, options: readonly string[] = [], numbers: Record<string, string> = {}): string {
  const preprocessor = new Preprocessor({ options: new Set(options), numbers: new Map(Object.entries(numbers)) });
  return preprocessor.activeFile("a.h", text).code;
}

/** The lines that are left, without empty ones. */
const left = (...input: Parameters<typeof active>): string[] =>
  active(...input)
    .split("\n")
    .filter((line) => line !== "");

describe("conditions", () => {
  test.each([
    ["defined(CONFIG_A) && !defined(CONFIG_B)", true],
    ["defined CONFIG_A && defined CONFIG_B", false],
    ["IS_ENABLED(CONFIG_A)", true],
    ["IS_ENABLED(CONFIG_B) || IS_BUILTIN(CONFIG_A)", true],
    ["BITS_PER_LONG == 64", true],
    ["BITS_PER_LONG - 1 < 63", false],
    ["(1 << 3) + 0x10 == 24UL", true],
    ["!UNKNOWN && -1 < 0 && ~0 == -1", true],
    ["1 ? 0 : 1", false],
    ["7 % 4 == 3 && 8 / 3 * 3 == 6", true],
    ["1 || 0 && 0", true],
    ["UNKNOWN(1, (2)) == 0", true],
    ["1 /* never */ && 0", false],
    ["017 == 15", true],
  ])("#if %s: %s", (condition, holds) => {
    const text = `#if ${condition}\nyes\n#else\nno\n#endif`;
    expect(left(text, ["CONFIG_A"], { BITS_PER_LONG: "64" })).toEqual([holds ? "yes" : "no"]);
  });

  test("keep the lines where they are", () => {
    expect(active("a\n#ifdef X\nb\n#else\nc\n#endif\nd")).toBe("a\n\n\n\nc\n\nd");
  });

  test("take one branch of several, the first that holds", () => {
    const text = "#if A\na\n#elif B\nb\n#elif C\nc\n#else\nd\n#endif";
    expect(left(text, ["B", "C"])).toEqual(["b"]);
    expect(left(text)).toEqual(["d"]);
  });

  test("nest, and nothing inside of what is left out is kept", () => {
    const text = "#ifdef A\n#ifdef B\nab\n#else\na\n#endif\n#else\n#ifndef B\nnone\n#endif\n#endif";
    expect(left(text, ["A"])).toEqual(["a"]);
    expect(left(text, ["B"])).toEqual([]);
    expect(left(text)).toEqual(["none"]);
  });

  test("see what the file defined before, and no longer what it undefined", () => {
    const text = "#define X 3\n#if X == 3\nthree\n#endif\n#undef X\n#ifdef X\nstill\n#endif";
    expect(left(text)).toEqual(["three"]);
  });

  test("see what an earlier file defined, and nothing that it left out", () => {
    const preprocessor = new Preprocessor({ options: new Set(), numbers: new Map() });
    preprocessor.activeFile("a.h", "#define A\n#ifdef B\n#define C\n#endif");
    expect(preprocessor.activeFile("b.h", "#if defined(A) && !defined(C)\nyes\n#endif").code).toContain("yes");
  });

  test("go over several lines", () => {
    expect(left("#if defined(A) && \\\n\tdefined(B)\nboth\n#endif", ["A", "B"])).toEqual(["both"]);
  });

  test("are no conditions in comments", () => {
    expect(left("/*\n#if 0\n*/\nkept\n/* a */ int b;")).toContain("kept");
  });

  test.each([
    ["#if 1\n", "a.h: 1 of its #if have no #endif"],
    ["\n#endif", "a.h:2: #endif without an #if"],
    ["#else", "a.h:1: #else without an #if"],
  ])("%j is an error in one line", (text, message) => {
    expect(() => active(text)).toThrow(message);
  });
});

describe("macros", () => {
  const macros = (text: string) =>
    new Preprocessor({ options: new Set(), numbers: new Map() }).activeFile("a.h", text).macros;

  test("come with parameters, body and line", () => {
    const [macro] = macros("\n#define ADD(a, b) \\\n\t((a) + /* and */ (b))");
    expect(macro).toMatchObject({ name: "ADD", parameters: ["a", "b"], file: "a.h", line: 2 });
    expect(macro?.body.replace(/\s+/g, " ")).toBe("((a) + (b))");
  });

  test("without parameters are told from those with none", () => {
    expect(macros("#define A (1)\n#define B() 1").map(({ parameters }) => parameters)).toEqual([undefined, []]);
  });

  test("may be variadic", () => {
    expect(macros("#define W(c, ...) f(c)\n#define V(c, rest...) g(rest)").map(({ parameters }) => parameters)).toEqual(
      [
        ["c", "__VA_ARGS__"],
        ["c", "rest"],
      ],
    );
  });

  test("whose comment goes on in the next lines leave no half of a comment behind", () => {
    const { code, macros: found } = new Preprocessor({ options: new Set(), numbers: new Map() }).activeFile(
      "a.h",
      "#define A 1 /* one\n * more */\nint b;",
    );
    expect(found[0]?.body).toBe("1");
    expect(code.replace(/\/\*[\s\S]*?\*\//g, "").trim()).toBe("int b;");
  });
});
