import { describe, expect, test } from "vitest";
import { Preprocessor } from "../../../gate/tree/preprocessor.ts";

function active(text: string, options: readonly string[] = [], numbers: Record<string, string> = {}): string {
  const preprocessor = new Preprocessor({ options: new Set(options), numbers: new Map(Object.entries(numbers)) });
  return preprocessor.activeFile("a.h", text).code;
}

/** Returns the active lines, without empty ones. */
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
  ])("#if %s is %s", (condition, holds) => {
    const text = `#if ${condition}\nyes\n#else\nno\n#endif`;
    expect(left(text, ["CONFIG_A"], { BITS_PER_LONG: "64" })).toEqual([holds ? "yes" : "no"]);
  });

  test("do not change line numbers", () => {
    expect(active("a\n#ifdef X\nb\n#else\nc\n#endif\nd")).toBe("a\n\n\n\nc\n\nd");
  });

  test("have one active branch, the first that is true", () => {
    const text = "#if A\na\n#elif B\nb\n#elif C\nc\n#else\nd\n#endif";
    expect(left(text, ["B", "C"])).toEqual(["b"]);
    expect(left(text)).toEqual(["d"]);
  });

  test("can be nested; all code in an inactive branch is inactive", () => {
    const text = "#ifdef A\n#ifdef B\nab\n#else\na\n#endif\n#else\n#ifndef B\nnone\n#endif\n#endif";
    expect(left(text, ["A"])).toEqual(["a"]);
    expect(left(text, ["B"])).toEqual([]);
    expect(left(text)).toEqual(["none"]);
  });

  test("use earlier definitions of the file, and none after #undef", () => {
    const text = "#define X 3\n#if X == 3\nthree\n#endif\n#undef X\n#ifdef X\nstill\n#endif";
    expect(left(text)).toEqual(["three"]);
  });

  test("use definitions of earlier files, and none in inactive code", () => {
    const preprocessor = new Preprocessor({ options: new Set(), numbers: new Map() });
    preprocessor.activeFile("a.h", "#define A\n#ifdef B\n#define C\n#endif");
    expect(preprocessor.activeFile("b.h", "#if defined(A) && !defined(C)\nyes\n#endif").code).toContain("yes");
  });

  test("can have continuation lines", () => {
    expect(left("#if defined(A) && \\\n\tdefined(B)\nboth\n#endif", ["A", "B"])).toEqual(["both"]);
  });

  test("are ignored in comments", () => {
    expect(left("/*\n#if 0\n*/\nkept\n/* a */ int b;")).toContain("kept");
  });

  test.each([
    ["#if 1\n", "a.h: 1 of its #if have no #endif"],
    ["\n#endif", "a.h:2: #endif without an #if"],
    ["#else", "a.h:1: #else without an #if"],
  ])("are rejected with an error in one line: %j", (text, message) => {
    expect(() => active(text)).toThrow(message);
  });
});

describe("macros", () => {
  const macros = (text: string) =>
    new Preprocessor({ options: new Set(), numbers: new Map() }).activeFile("a.h", text).macros;

  test("have parameters, body and line", () => {
    const [macro] = macros("\n#define ADD(a, b) \\\n\t((a) + /* and */ (b))");
    expect(macro).toMatchObject({ name: "ADD", parameters: ["a", "b"], file: "a.h", line: 2 });
    expect(macro?.body.replace(/\s+/g, " ")).toBe("((a) + (b))");
  });

  test("are object-like without a parameter list, and function-like with an empty one", () => {
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

  test("whose comment continues on the next line leave a complete comment", () => {
    const { code, macros: found } = new Preprocessor({ options: new Set(), numbers: new Map() }).activeFile(
      "a.h",
      "#define A 1 /* one\n * more */\nint b;",
    );
    expect(found[0]?.body).toBe("1");
    expect(code.replace(/\/\*[\s\S]*?\*\//g, "").trim()).toBe("int b;");
  });
});
