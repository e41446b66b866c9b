/** The package as users get it: packed, installed into an empty folder, run, imported and type-checked there. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { projectFolder } from "./build-once.ts";
// Imported for its check of the build: dist/ is packed without building.
import "./built-cli.ts";
import { testCacheFolder } from "./gate/cache-folder.ts";
import { OWN_KERNEL } from "./gate/tree-copy.ts";

const version = (JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as { version: string }).version;
const tsc = join(projectFolder, "node_modules", "typescript", "bin", "tsc");

const sandbox = mkdtempSync(join(tmpdir(), "foliocheck-package-"));
const home = join(sandbox, "consumer");
const installed = join(home, "node_modules", "foliocheck");

/** Runs a command without a terminal. */
function run(
  command: string,
  args: readonly string[],
  cwd: string,
): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined) {
    throw error;
  }
  return { status, out: stdout, err: stderr };
}

/** Runs a command that must succeed. @returns its output */
function succeed(command: string, args: readonly string[], cwd: string = home): string {
  const { status, out, err } = run(command, args, cwd);
  expect(status, `${command} ${args.join(" ")}\n${out}${err}`).toBe(0);
  return out;
}

/** Runs the installed command through the link that npm made. */
const foliocheck = (...args: readonly string[]): string =>
  succeed(join(home, "node_modules", ".bin", "foliocheck"), args);

beforeAll(() => {
  // Without scripts: `prepare` would rebuild dist/ while other tests run it.
  succeed("npm", ["pack", "--ignore-scripts", "--pack-destination", sandbox], projectFolder);
  const tarball = readdirSync(sandbox).find((name) => name.endsWith(".tgz"));
  expect(tarball).toBe(`foliocheck-${version}.tgz`);
  mkdirSync(home);
  writeFileSync(join(home, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const flags = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
  succeed("npm", ["install", ...flags, join(sandbox, `${tarball}`)]);
});

afterAll(() => {
  rmSync(sandbox, { recursive: true, force: true });
});

/** C that is compiled by the user's foliocheck: the agent, harnesses, stubs, and headers of an architecture. */
const cSources = (): readonly string[] =>
  ["gate", "live", "proof"]
    .flatMap((room) => readdirSync(join(projectFolder, room), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.[ch]$/.test(entry.name))
    .map((entry) => join("dist", relative(projectFolder, join(entry.parentPath, entry.name))));

/** The playground's files that are no scripts. */
const SITE = ["index.html", "page.css", "agent.c", "main.c"].map((name) => `dist/playground/site/${name}`);

/** Largest size of the tarball, in bytes. */
const MOST_BYTES = 2_000_000;

describe("the tarball", () => {
  const contents = (): readonly string[] =>
    readdirSync(installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(installed, join(entry.parentPath, entry.name)))
      .filter((path) => !path.startsWith("node_modules"));

  test("the tarball is smaller than 2 MB", () => {
    expect(statSync(join(sandbox, `foliocheck-${version}.tgz`)).size).toBeLessThan(MOST_BYTES);
  });

  test("the tarball contains the licence and the README", () => {
    expect(contents()).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
  });

  test("the tarball contains dist/ and docs/ and nothing else", () => {
    const others = contents().filter((path) => !/^(?:dist|docs)\//.test(path));
    expect([...others].sort()).toEqual(["LICENSE", "README.md", "package.json"]);
  });

  test("the tarball contains compiled code, types and C sources: no TypeScript sources, tests or source maps", () => {
    const strangers = contents()
      .filter((path) => path.startsWith("dist/") && !/\.(?:js|d\.ts)$/.test(path))
      .filter((path) => path !== "dist/report/html/page.css")
      .filter((path) => !SITE.includes(path))
      .filter((path) => !cSources().includes(path));
    const tests = contents().filter((path) => /^dist\/(?:test|bench)\/|\.test\./.test(path));
    expect([...strangers, ...tests]).toEqual([]);
  });

  test("the tarball contains the C sources unchanged", () => {
    for (const path of cSources()) {
      expect(readFileSync(join(installed, path))).toEqual(readFileSync(join(projectFolder, relative("dist", path))));
    }
  });

  test("no file of the tarball refers to a missing source map", () => {
    const pointers = contents()
      .filter((path) => path.endsWith(".js"))
      .filter((path) => readFileSync(join(installed, path), "utf8").includes("\n//# sourceMappingURL="));
    expect(pointers).toEqual([]);
  });

  test("the tarball contains every file that package.json names", () => {
    const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
      bin: object;
      types: string;
      exports: object;
    };
    const promised: string[] = [];
    JSON.stringify([manifest.bin, manifest.types, manifest.exports], (_, value: unknown) => {
      if (typeof value === "string") {
        promised.push(value);
      }
      return value;
    });
    expect(promised.length).toBeGreaterThan(5);
    expect(promised.filter((path) => !existsSync(join(installed, path)))).toEqual([]);
  });

  test("all imports in the tarball resolve within it", () => {
    const missing = contents()
      .filter((path) => /\.(?:js|d\.ts)$/.test(path))
      .flatMap((path) =>
        [...readFileSync(join(installed, path), "utf8").matchAll(/^(?:import|export)\b[^;'"]*["'](\.[^"']+)["']/gm)]
          .map(([, specifier]) => resolve(installed, dirname(path), specifier ?? ""))
          .filter((target) => !existsSync(target) && !existsSync(target.replace(/\.[jt]s$/, ".d.ts"))),
      );
    expect(missing).toEqual([]);
  });
});

describe("the installed command", () => {
  test("the installed command prints its version", () => {
    expect(foliocheck("--version").trim()).toBe(version);
  });

  test("the installed command gates a kernel tree without any install script", () => {
    const args = ["--config", "no-page-mapcount,64bit,mm-id", "--only", "owner-tracking", "--no-progress"];
    const report: unknown = JSON.parse(
      foliocheck("gate", "--tree", OWN_KERNEL, "--cache", testCacheFolder, ...args, "--reporter", "json"),
    );
    expect(report).toMatchObject({ format: "foliocheck-report", command: "gate", verdict: "holds", findings: [] });
  });

  test("the installed command serves the playground", async () => {
    const child = spawn(process.execPath, [join(installed, "dist", "cli", "main.js"), "explore"], { cwd: home });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const page = await (await fetch(String(line).trim())).text();
    child.kill("SIGINT");
    expect(await once(child, "close")).toEqual([0, null]);
    expect(page).toContain('<script src="page.js" defer></script>');
  });

  test("the installed command lists the machines", () => {
    expect(foliocheck("list")).toContain("owner-tracking");
  });

  test.each([
    { symmetry: "every state", flags: ["--no-symmetry"], states: 4552, transitions: 54_624 },
    { symmetry: "states up to symmetry", flags: [], states: 810, transitions: 9720 },
  ])("the installed command counts $symmetry of a small machine: $states", ({ flags, states, transitions }) => {
    const bounds = ["--pages", "4", "--mms", "3"];
    const report: unknown = JSON.parse(
      foliocheck("check", "owner-tracking", ...bounds, ...flags, "--reporter", "json"),
    );
    expect(report).toMatchObject({
      format: "foliocheck-report",
      machine: "owner-tracking",
      bounds: { pages: 4, mms: 3 },
      verdict: "holds",
      states,
      transitions,
    });
  });
});

/** A machine of a user, made with the exported explorer: a clock of five hours. */
const CONSUMER = `
import * as everything from "foliocheck";
import type { Report } from "foliocheck";
import { action, always, compile, int, type Model, type SearchResult, search, struct } from "foliocheck/explore";

interface Clock {
  hour: number;
}

const clock: Model<Clock, null> = {
  name: "clock",
  schema: struct({ hour: int(0, 4) }),
  context: null,
  actions: [
    action("tick", {}, (state: Clock) => {
      state.hour = (state.hour + 1) % 5;
      return true;
    }),
  ],
  view: (state) => state,
  properties: [always({ id: "day", claim: "The hour is of the day", source: "none", holds: ({ hour }) => hour < 5 })],
};

const result: SearchResult = search(compile(clock));
export const verdicts: readonly Report["verdict"][] = ["holds"];
console.log(JSON.stringify([result.outcome, result.states, result.transitions, Object.keys(everything).length > 0]));
`;

/**
 * Configurations of users' projects. Each checks all types that it reaches, including ours, and only the named others.
 */
const PROJECTS = [
  // The default: types of browsers, and those of Node.js if they happen to be installed.
  { name: "default, NodeNext", options: { module: "nodenext", strict: true } },
  {
    name: "bundler, no types of browsers or Node.js",
    options: {
      target: "es2022",
      lib: ["es2023"],
      module: "esnext",
      moduleResolution: "bundler",
      strict: true,
      types: [],
    },
  },
  {
    name: "strictest",
    options: {
      target: "es2023",
      lib: ["es2023"],
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      isolatedDeclarations: true,
      declaration: true,
      verbatimModuleSyntax: true,
      types: [],
    },
  },
];

describe("the installed library", () => {
  test.each(PROJECTS)("the library type-checks and runs in a fresh project, $name", ({ options }) => {
    writeFileSync(join(home, "consumer.ts"), CONSUMER);
    const compilerOptions = { ...options, skipLibCheck: false };
    writeFileSync(join(home, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    // Without types of browsers, the consumer declares `console`.
    const hasBrowser = !("lib" in options);
    writeFileSync(
      join(home, "console.d.ts"),
      hasBrowser ? "export {};\n" : "declare const console: { log(text: string): void };\n",
    );
    succeed(process.execPath, [tsc, "-p", "tsconfig.json"]);
    expect(JSON.parse(succeed(process.execPath, ["consumer.js"]))).toEqual(["exhausted", 5, 5, true]);
  });

  test("the library declares no global types, which could collide with those of a project", () => {
    const globals = readdirSync(join(installed, "dist"), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".d.ts"))
      .filter((path) => /\bdeclare global\b/.test(readFileSync(join(installed, "dist", path), "utf8")));
    expect(globals).toEqual([]);
  });

  test("the library does not export its inner files", () => {
    writeFileSync(join(home, "inner.mjs"), 'await import("foliocheck/dist/explore/search.js");\n');
    const { status, err } = run(process.execPath, ["inner.mjs"], home);
    expect(status).toBe(1);
    expect(err).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  test("the library exports its package.json", () => {
    const script =
      'import manifest from "foliocheck/package.json" with { type: "json" }; console.log(manifest.version);';
    writeFileSync(join(home, "manifest.mjs"), script);
    expect(succeed(process.execPath, ["manifest.mjs"]).trim()).toBe(version);
  });
});
