import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCli } from "../built-cli.ts";

const root = join(import.meta.dirname, "../..");
const read = (name: string): string => readFileSync(join(root, name), "utf8");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "foliocheck-docs-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function foliocheck(...parameters: string[]): { stdout: string; status: number | null } {
  const { stdout, status } = spawnSync(process.execPath, [builtCli, ...parameters], { cwd: folder, encoding: "utf8" });
  return { stdout, status };
}

describe("The README", () => {
  it("the README shows a trace that its command prints, and a replay that works", () => {
    const [, printedTrace = ""] = /```text\n([\s\S]*?)```/.exec(read("README.md")) ?? [];
    const command = /`foliocheck (check [^`]*)`/.exec(read("README.md"))?.[1]?.split(" ") ?? [];
    const { stdout, status } = foliocheck(...command);
    expect(status).toBe(1);
    expect(printedTrace.trim()).not.toBe("");
    expect(stdout).toContain(printedTrace.trim());
    expect(foliocheck("replay", "trace.json").status).toBe(1);
    expect(foliocheck("replay", "trace.json", "--variant", "v7.1").status).toBe(0);
  });
});

/** TypeScript examples of the documentation: fenced blocks marked `ts`. */
function examplesOf(page: string): string[] {
  return [...read(page).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, example = ""]) => example);
}

/** Code around an example that is an entry of a list in a file of the repository. */
const AROUND_VARIANT = {
  before: `
    import * as base from "${root}/dist/model/kernel/large-mapcount.js";
    import { violates } from "${root}/dist/model/kernels/faulty/catch.js";
    import { faulty, type Variant } from "${root}/dist/model/kernels/variant.js";
    export const variants: readonly Variant[] = [`,
  after: "];",
};

describe("An example in TypeScript", () => {
  const pages = ["README.md", ...readdirSync(join(root, "docs"), { encoding: "utf8" }).map((name) => `docs/${name}`)];
  const examples = pages
    .filter((page) => page.endsWith(".md"))
    .flatMap((page) => examplesOf(page).map((example, i) => ({ name: `${basename(page, ".md")}-${i}.ts`, example })));

  it("every example in TypeScript is in a fence marked as ts", () => {
    expect(examples.map(({ name }) => name)).toEqual([
      "explorer-0.ts",
      "explorer-1.ts",
      "explorer-2.ts",
      "explorer-3.ts",
      "your-patch-0.ts",
      "your-patch-1.ts",
      "your-patch-2.ts",
    ]);
    for (const page of pages.filter((each) => each.endsWith(".md"))) {
      expect(read(page).match(/^ {4}(?:import|const|let|export) .*$/m)?.[0], page).toBeUndefined();
    }
  });

  it("the examples in TypeScript type-check against the built package in a strict project", () => {
    const project = join(folder, "types");
    mkdirSync(join(project, "node_modules"), { recursive: true });
    symlinkSync(root, join(project, "node_modules", "foliocheck"));
    writeFileSync(join(project, "package.json"), '{ "type": "module" }');
    for (const { name, example } of examples) {
      const { before, after } = example.startsWith("import ") ? { before: "", after: "" } : AROUND_VARIANT;
      writeFileSync(join(project, name), `${before}${example.replace(/,\n$/, "\n")}${after}`);
    }
    const compilerOptions = {
      target: "es2023",
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
      noUnusedLocals: false,
      noEmit: true,
      skipLibCheck: false,
      types: ["node"],
      typeRoots: [join(root, "node_modules", "@types")],
    };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", project], { encoding: "utf8" });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  /** Returns the output of an example, whose types the compiler removes. */
  function run(name: string, end: string = "", edited: (example: string) => string = (example) => example): string {
    const { example = "" } = examples.find((each) => each.name === name) ?? {};
    const project = mkdtempSync(join(folder, "run-"));
    mkdirSync(join(project, "node_modules"));
    symlinkSync(root, join(project, "node_modules", "foliocheck"));
    writeFileSync(join(project, "package.json"), '{ "type": "module" }');
    writeFileSync(join(project, "example.ts"), `// @ts-nocheck\n${edited(example)}${end}`);
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const flags = ["--target", "es2023", "--module", "nodenext", "--types", "", "--ignoreConfig"];
    execFileSync(process.execPath, [tsc, ...flags, "example.ts"], { cwd: project, encoding: "utf8" });
    return execFileSync(process.execPath, ["example.js"], { cwd: project, encoding: "utf8" });
  }

  it("docs/explorer.md checks Peterson's lock in twenty lines", () => {
    const { example = "" } = examples.find(({ name }) => name === "explorer-0.ts") ?? {};
    const lines = example.split("\n").filter((line) => line !== "" && !line.startsWith("import "));
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(run("explorer-0.ts")).toBe("20\n");
  });

  it("docs/explorer.md shows the trace that assertHolds() throws for a broken lock", () => {
    const [, printedTrace = ""] = /```text\n([\s\S]*?)```/.exec(read("docs/explorer.md")) ?? [];
    const printed = run("explorer-0.ts", "", (example) =>
      example
        .replace("state.turn = 1 - thread", "{}")
        .replace(
          "console.log(assertHolds(peterson).states)",
          "try { assertHolds(peterson) } catch (error) { console.log(error.message) }",
        ),
    );
    expect(printed).toBe(printedTrace);
  });

  it("the example of errors in docs/explorer.md prints the mistake of a model and the steps to it", () => {
    const broken = `
      import { action, always, int, struct } from "foliocheck/explore";
      console.error = console.log;
      explore({
        name: "counter",
        schema: struct({ n: int(0, 1) }),
        context: null,
        view: (state) => state,
        actions: [action("up", { by: [1] }, (state, _, { by }) => { state.n += by; return true; })],
        properties: [],
      });`;
    const printed = run("explorer-1.ts", broken);
    expect(printed).toContain("field-range action up(by: 1): the value 2 does not fit field n");
    expect(printed).toContain("0  initial state 0\n1  up(by: 1)\n2  up(by: 1)\n");
  });

  it("the example of checkpoints in docs/explorer.md searches, and refuses a file that is no checkpoint", () => {
    const end = `
      import { writeFileSync } from "node:fs";
      import { action, compile, int, struct } from "foliocheck/explore";
      const up = action("up", {}, (state) => { if (state.n === 9) return false; state.n += 1; return true; });
      const schema = struct({ n: int(0, 9) });
      const model = { name: "counter", schema, context: null, view: (state) => state, actions: [up], properties: [] };
      console.log(searchOn(compile(model)).states);
      writeFileSync("jugs.checkpoint", "no checkpoint");
      try { searchOn(compile(model)); } catch (error) { console.log(error.code); }`;
    expect(run("explorer-2.ts", end)).toBe("10\nbad-checkpoint\n");
  });

  it("the example of a kernel in docs/your-patch.md finds a violation of C1", () => {
    expect(run("your-patch-2.ts")).toBe("violated C1\n");
  });

  it("the example of immutable states in docs/your-patch.md forks a process", () => {
    const end = "console.log(forked.folios[0].largeMapcount + 1, interpreter.enabledActions(forked).length > 0);";
    expect(run("your-patch-1.ts", end)).toBe("8 true\n");
  });
});
