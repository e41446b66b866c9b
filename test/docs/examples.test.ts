import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
  it("shows a trace that its command really prints, and the replay that follows it", () => {
    const [, shown = ""] = /```text\n([\s\S]*?)```/.exec(read("README.md")) ?? [];
    const command = /`foliocheck (check [^`]*)`/.exec(read("README.md"))?.[1]?.split(" ") ?? [];
    const { stdout, status } = foliocheck(...command);
    expect(status).toBe(1);
    expect(shown.trim()).not.toBe("");
    expect(stdout).toContain(shown.trim());
    expect(foliocheck("replay", "trace.json").status).toBe(1);
    expect(foliocheck("replay", "trace.json", "--variant", "v7.1").status).toBe(0);
  });

  it("links to pages that exist", () => {
    for (const [, link = ""] of read("README.md").matchAll(/\]\((docs\/[^)]*)\)/g)) {
      expect(read(link)).toMatch(/^# /);
    }
  });
});

describe("docs/explorer.md", () => {
  it("has an example that runs, and finds how to hold 4 in the big jug or never", () => {
    const [, example = ""] = /For machines of your own\n\n((?: {4}.*\n|\n)+)/.exec(read("docs/explorer.md")) ?? [];
    const script = `${example.replace('"foliocheck/explore"', JSON.stringify(join(root, "dist/explore/index.js")))}
      console.log(result.outcome, result.states);`.replace(/: \{ small: number; big: number \}/, "");
    writeFileSync(join(folder, "jugs.mjs"), script);
    expect(execFileSync(process.execPath, [join(folder, "jugs.mjs")], { encoding: "utf8" })).toBe("exhausted 2\n");
  });
});

describe("docs/your-patch.md", () => {
  it("has a library example that runs", () => {
    const [, example = ""] = /immutable states:\n\n((?: {4}.*\n|\n)+)/.exec(read("docs/your-patch.md")) ?? [];
    const script = `${example.replace('"foliocheck"', JSON.stringify(join(root, "dist/index.js")))}
      console.log(forked.folios[0].largeMapcount + 1, machine.enabledActions(forked).length > 0);`;
    writeFileSync(join(folder, "library.mjs"), script);
    expect(execFileSync(process.execPath, [join(folder, "library.mjs")], { encoding: "utf8" })).toBe("8 true\n");
  });
});
