/** Tests of the architecture: imports between rooms, and forbidden contents of files. */
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * From top to bottom: a file imports from its own room and from lower rooms. A file belongs to the longest of these
 * paths that contains it.
 */
const ROOMS = [
  "cli",
  "playground",
  "playground/page",
  "playground/worker",
  "playground/protocol",
  "playground/condition",
  "playground/address",
  "report",
  "report/html/browser",
  "report/html",
  "report/html/picture",
  "report/terminal",
  "report/markdown",
  "report/sarif",
  "report/github",
  "report/junit",
  "report/ktap",
  "report/kcidb",
  "report/squad",
  "report/json",
  "report/results",
  "report/dot",
  "report/trace",
  "report/text",
  "gate",
  "gate/run",
  "live",
  "live/run",
  "verify/shard",
  "verify",
  "verify/trace",
  "verify/job",
  "verify/report",
  "verify/request",
  "gate/preparation",
  "gate/layout",
  "gate/races",
  "live/image",
  "gate/image",
  "gate/image/machine",
  "gate/image/lockstep",
  "gate/image/world",
  "gate/image/module",
  "gate/image/build",
  "proof",
  "gate/adapter",
  "gate/change",
  "gate/compile",
  "gate/unit",
  "gate/harness",
  "gate/tree",
  "gate/module",
  "live/reproducer",
  "live/walk",
  "live/compare",
  "live/session",
  "machines",
  "invariants",
  "model/race",
  "model/kernels",
  "model/environment",
  "model/kernel",
  "model/state",
  "races",
  "explore",
  "explore/simulation",
  "explore/search",
  "explore/checkpoint",
  "explore/visited",
  "explore/symmetry",
  "explore/packed",
  "explore/model",
  "files",
];

/** Rooms from which neither the product nor another room may import. */
const SIDE_ROOMS = ["test", "bench"];

/** The project's files by path, with forward slashes: files that git tracks, and new ones that it does not ignore. */
function projectFiles(): readonly string[] {
  const listing = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: PROJECT,
    encoding: "utf8",
  });
  // A tracked file may be deleted, and a submodule is a folder.
  const isFile = (path: string): boolean => statSync(join(PROJECT, path), { throwIfNoEntry: false })?.isFile() ?? false;
  return [...new Set(listing.split("\0"))].filter(isFile);
}

const files = projectFiles();
const textOf = (path: string): string => readFileSync(join(PROJECT, path), "utf8");
const isCode = (path: string): boolean => [".ts", ".tsx", ".mts", ".js", ".mjs"].includes(extname(path));

/**
 * The module specifiers in a source file: static imports and re-exports (including types), side-effect imports, dynamic
 * imports and `import("…")` types with a literal, and `require`. Biome's formatting puts statements at the start of a
 * line; comment lines are ignored.
 */
function importsOf(source: string): readonly string[] {
  const code = source.replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, "").replace(/^[ \t]*\/\/.*$/gm, "");
  const patterns = [
    /^[ \t]*(?:import|export)\b[^;'"`()=]*?\bfrom\s*(["'])([^"'\n]+)\1/gm,
    /^[ \t]*import\s*(["'])([^"'\n]+)\1/gm,
    /\b(?:import|require)\s*\(\s*(["'`])([^"'`\n$]+)\1/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].flatMap(([, , specifier]) => specifier ?? []));
}

/** The reason why the file at `path` may not import `specifier`; undefined if it may. */
function objection(path: string, specifier: string): string | undefined {
  const from = roomOf(path);
  const isSide = sideRoomOf(path) !== undefined;
  if (/^foliocheck(?:\/|$)/.test(specifier) && !isSide) {
    return "imports the package by its own name: use a relative path";
  }
  if (!specifier.startsWith(".")) {
    return undefined;
  }
  const target = targetOf(path, specifier);
  const to = roomOf(target);
  if (target.startsWith("..")) {
    return "imports from outside the project";
  }
  const side = sideRoomOf(target);
  if (side !== undefined && side !== sideRoomOf(path)) {
    return `imports from ${side}/, which nothing may import`;
  }
  if (isSide || path === "index.ts" || target === "package.json") {
    return undefined;
  }
  if (from === undefined) {
    return path.includes("/") ? `lies in ${posix.dirname(path)}/, which is not on the floor plan` : undefined;
  }
  if (to === undefined) {
    return `imports ${target}, which is in no room`;
  }
  return ROOMS.indexOf(from) <= ROOMS.indexOf(to) ? undefined : `imports upwards, from ${to}/ into ${from}/`;
}

/** The file of a relative specifier. */
function targetOf(path: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(path), specifier));
}

/** The room of a path; undefined outside all rooms. */
function roomOf(path: string): string | undefined {
  return ROOMS.filter((room) => path.startsWith(`${room}/`)).sort((one, other) => other.length - one.length)[0];
}

/** The side room of a path; undefined outside all side rooms. */
function sideRoomOf(path: string): string | undefined {
  return SIDE_ROOMS.find((room) => path.startsWith(`${room}/`));
}

/**
 * Files that import each other, including types: the strongly connected components of more than one file.
 *
 * @source Robert Tarjan, Depth-first search and linear graph algorithms
 */
function cyclesAmong(imports: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const indices = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string): number => {
    const index = indices.size;
    let low = index;
    indices.set(file, index);
    stack.push(file);
    for (const target of imports.get(file) ?? []) {
      if (!indices.has(target)) {
        low = Math.min(low, visit(target));
      } else if (stack.includes(target)) {
        low = Math.min(low, indices.get(target) ?? index);
      }
    }
    if (low === index) {
      const component = stack.splice(stack.indexOf(file));
      if (component.length > 1) {
        cycles.push(component.sort());
      }
    }
    return low;
  };
  for (const file of imports.keys()) {
    if (!indices.has(file)) {
      visit(file);
    }
  }
  return cycles;
}

/** Every import that violates the order of rooms, as a sentence. */
function violations(path: string, source: string): readonly string[] {
  return importsOf(source).flatMap((specifier) => {
    const why = objection(path, specifier);
    return why === undefined ? [] : [`${path} ("${specifier}"): ${why}`];
  });
}

/** The folders of a path, and its file name without extensions. */
const namesIn = (path: string): readonly string[] => [...path.split("/").slice(0, -1), stem(path)];
const stem = (path: string): string => basename(path).replace(/(?<=.)\..*$/, "");

/** Paths that exist on one host only. Written in pieces, so that this file does not match. */
const MACHINE_PATH = new RegExp(
  `(?<![\\w.~$}-])/(?:${["work", "root", "home/[a-z]\\w*", "Users/\\w+"].join("|")})/`,
  "g",
);

/** Addresses like those of a package registry, and bare IP addresses. */
const REGISTRY_ADDRESS =
  /https?:\/\/(?:[^\s/"'<>)]*(?:registry|artifactory|nexus|verdaccio|goproxy|jfrog)[^\s/"'<>)]*|\d+\.\d+\.\d+\.\d+)/gi;
const DEFAULT_REGISTRY = `https://${["registry", "npmjs", "org"].join(".")}`;

/** Parts of a file's text that identify the host on which it was written. */
function leaks(path: string, text: string): readonly string[] {
  const registries = (text.match(REGISTRY_ADDRESS) ?? []).filter(
    (address) => path !== "package-lock.json" || address !== DEFAULT_REGISTRY,
  );
  return [...(text.match(MACHINE_PATH) ?? []), ...registries].map((leak) => `${path} contains ${leak}`);
}

describe("the rooms", () => {
  test("every file imports only from its own room and from lower ones", () => {
    const code = files.filter(isCode);
    expect(code.length).toBeGreaterThan(0);
    expect(code.flatMap((path) => violations(path, textOf(path)))).toEqual([]);
  });

  test("no files import each other in a cycle, including types", () => {
    const code = files.filter((path) => isCode(path) && sideRoomOf(path) === undefined);
    const imports = new Map(
      code.map((path) => [
        path,
        importsOf(textOf(path)).flatMap((specifier) => (specifier.startsWith(".") ? [targetOf(path, specifier)] : [])),
      ]),
    );
    expect(cyclesAmong(imports)).toEqual([]);
  });

  test("all code is in a room, except index.ts and tool configuration", () => {
    const homeless = files
      .filter((path) => isCode(path) && roomOf(path) === undefined && sideRoomOf(path) === undefined)
      .filter((path) => path !== "index.ts" && !/^[\w-]+\.config\.ts$/.test(path));
    expect(homeless).toEqual([]);
  });

  test("no file or folder is named utils, helpers or common", () => {
    const drawers = files.filter((path) => namesIn(path).some((name) => /^(?:utils?|helpers?|common)$/i.test(name)));
    expect(drawers).toEqual([]);
  });

  test("the explorer contains no word about folios", () => {
    const offenders = files
      .filter((path) => path.startsWith("explore/"))
      .flatMap((path) => [
        ...(/folio/i.test(path) ? [path] : []),
        ...textOf(path)
          .split("\n")
          .flatMap((line, index) => (/folio/i.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
      ]);
    expect(offenders).toEqual([]);
  });
});

describe("the files", () => {
  test("no file contains a path of a host or the address of a registry", () => {
    expect(files.flatMap((path) => leaks(path, textOf(path)))).toEqual([]);
  });

  test("package-lock.json resolves from the default registry or leaves it open", () => {
    const lock = JSON.parse(textOf("package-lock.json")) as { packages: { [path: string]: { resolved?: string } } };
    const elsewhere = Object.entries(lock.packages)
      .filter(([, { resolved }]) => resolved !== undefined && !resolved.startsWith(`${DEFAULT_REGISTRY}/`))
      .map(([path, { resolved }]) => `${path}: ${resolved}`);
    expect(elsewhere).toEqual([]);
  });
});

describe("the check of imports", () => {
  test("the check of imports reads every form of import", () => {
    const source = [
      'import fs from "node:fs";',
      'import type { A } from "./a.ts";',
      "import {",
      "  b,",
      "  type B,",
      '} from "../b.ts";',
      'import * as c from "./c.ts";',
      'import "./side-effect.ts";',
      'export * from "./d.ts";',
      'export { e } from "./e.ts";',
      'export type { F } from "./f.ts";',
      'const g = await import("./g.ts");',
      'type H = import("./h.ts").H;',
      'const i = require("./i.cjs");',
    ].join("\n");
    expect([...importsOf(source)].sort()).toEqual(
      [
        "../b.ts",
        ...["a", "c", "d", "e", "f", "g", "h", "side-effect"].map((name) => `./${name}.ts`),
        "./i.cjs",
        "node:fs",
      ].sort(),
    );
  });

  test("the check of imports ignores comments, local exports and strings", () => {
    const source = [
      '// import { a } from "./a.ts";',
      '/* import "./b.ts"; */',
      "/**",
      ' * import { c } from "./c.ts";',
      " */",
      'export const from = "./d.ts";',
      'export function f(): string { return "from"; }',
      "const chosen = await import(path);",
    ].join("\n");
    expect(importsOf(source)).toEqual([]);
  });

  test.each([
    ["explore/search/search.ts", "../../model/kernel/rmap.ts", "imports upwards"],
    ["explore/model/schema.ts", "../search/search.ts", "imports upwards"],
    ["explore/search/search.ts", "../../index.ts", "in no room"],
    ["model/kernel/rmap.ts", "../../invariants/slots.ts", "imports upwards"],
    ["model/kernel/rmap.ts", "../environment/zap.ts", "imports upwards"],
    ["invariants/slots.ts", "../verify/report/report.ts", "imports upwards"],
    ["gate/compile/clang.ts", "../run/findings.ts", "imports upwards"],
    ["verify/suite.ts", "../gate/run/plan.ts", "imports upwards"],
    ["verify/suite.ts", "../report/json/json.ts", "imports upwards"],
    ["report/json/json.ts", "../../cli/main.ts", "imports upwards"],
    ["cli/main.ts", "../test/toys.ts", "nothing may import"],
    ["index.ts", "./bench/bench.mjs", "nothing may import"],
    ["test/search.test.ts", "../bench/measure.mjs", "nothing may import"],
    ["cli/main.ts", "foliocheck", "its own name"],
    ["cli/main.ts", "../../elsewhere/file.ts", "outside the project"],
    ["attic/old.ts", "../explore/search/search.ts", "not on the floor plan"],
  ])("%s may not import %s", (path, specifier, why) => {
    expect(violations(path, `import { it } from "${specifier}";\n`)).toEqual([expect.stringContaining(why)]);
    expect(violations(path, `const it = await import("${specifier}");\n`)).toHaveLength(1);
  });

  test.each([
    ["explore/search/search.ts", "./state-store.ts"],
    ["explore/search/search.ts", "../packed/layout.ts"],
    ["explore/model/interpreter.ts", "immer"],
    ["model/kernel/rmap.ts", "../state/structs.ts"],
    ["model/kernel/rmap.ts", "../../explore/model/schema.ts"],
    ["gate/run/plan.ts", "../../verify/job/job.ts"],
    ["report/json/json.ts", "../../verify/report/report.ts"],
    ["cli/main.ts", "../explore/search/search.ts"],
    ["cli/version.ts", "../package.json"],
    ["index.ts", "./cli/main.ts"],
    ["test/package.test.ts", "foliocheck/explore"],
    ["test/explore/search.test.ts", "../toys.ts"],
    ["test/explore/search.test.ts", "../../explore/search/search.ts"],
    ["bench/bench.mjs", "./measure.mjs"],
  ])("%s may import %s", (path, specifier) => {
    expect(violations(path, `import { it } from "${specifier}";\n`)).toEqual([]);
  });
});

describe("the search for import cycles", () => {
  test("the search for import cycles finds files that import each other, not those that only lead to them", () => {
    const imports = new Map([
      ["a", ["b"]],
      ["b", ["c", "d"]],
      ["c", ["b"]],
      ["d", []],
      ["e", ["f"]],
      ["f", ["d", "e"]],
    ]);
    expect(cyclesAmong(imports)).toEqual([
      ["b", "c"],
      ["e", "f"],
    ]);
  });

  test("the search for import cycles reports nothing if a file is imported along two paths", () => {
    const imports = new Map([
      ["a", ["b", "c"]],
      ["b", ["d"]],
      ["c", ["d"]],
      ["d", []],
    ]);
    expect(cyclesAmong(imports)).toEqual([]);
  });
});

describe("the search for leaks", () => {
  const slash = "/";

  test.each([
    `see ${slash}work/main/index.ts`,
    `"${slash}home/someone/project"`,
    `${slash}root/.npmrc`,
    `https:${slash}/npm.registry.example/foo`,
    `http:${slash}/127.0.0.1:4873/foo`,
    `${DEFAULT_REGISTRY}/foo`,
  ])("the search for leaks finds %s", (text) => {
    expect(leaks("docs/page.md", text)).toHaveLength(1);
  });

  test.each([
    `a frame${"work"}/room`,
    `mm/work${slash}queue`,
    `net${slash}work${slash}x`,
    `https:${slash}/lore.kernel.org/linux-mm/`,
  ])("the search for leaks ignores %s", (text) => {
    expect(leaks("docs/page.md", text)).toEqual([]);
  });

  test("the lock file may contain the address of the default registry", () => {
    expect(leaks("package-lock.json", `"resolved": "${DEFAULT_REGISTRY}/foo"`)).toEqual([]);
  });
});
