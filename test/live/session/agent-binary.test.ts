/** Compilation and caching of the agent. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
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
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { agentBinary, CompileError, compilerOf } from "../../../live/session/agent-binary.ts";

let folder: string;
let compiler: string;
const calls = (): number => (existsSync(join(folder, "calls")) ? statSync(join(folder, "calls")).size : 0);
const cached = (): string[] => readdirSync(join(folder, "cache", "foliocheck"));

/** Writes a compiler: a shell script that counts its calls in a file, then runs `script`. */
function writeCompiler(script: string): void {
  writeFileSync(compiler, `#!/bin/sh\nprintf x >>"${folder}/calls"\n${script}\n`);
  chmodSync(compiler, 0o755);
}

/** Writes a program to the path of option -o. */
const OBEY = 'while [ "$1" != -o ]; do shift; done; echo "a program" >"$2"';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "foliocheck-compile-"));
  compiler = join(folder, "compiler");
  writeCompiler(OBEY);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const build = (more: object = {}): string =>
  agentBinary({ env: { CC: compiler, XDG_CACHE_HOME: join(folder, "cache"), ...more } });

function failure(more: object = {}): CompileError {
  try {
    build(more);
  } catch (error) {
    expect(error).toBeInstanceOf(CompileError);
    return error as CompileError;
  }
  throw new Error("it was compiled");
}

describe("the agent's program", () => {
  test("compiles the agent once, and finds it in the cache afterwards", () => {
    const program = build();
    expect(program).toMatch(/\/cache\/foliocheck\/agent-[0-9a-f]{64}$/);
    expect(build()).toBe(program);
    expect(calls()).toBe(1);
    expect(cached()).toHaveLength(1);
  });

  test("the agent's program runs with the checksum at its end", () => {
    writeFileSync(join(folder, "source"), '#!/bin/sh\necho "it runs"\nexit\n');
    writeCompiler(OBEY.replace(/echo .*/, `cp "${folder}/source" "$2"`));
    expect(spawnSync(build(), { encoding: "utf8" }).stdout).toBe("it runs\n");
  });

  test("compiles the agent again when its program is damaged or replaced", () => {
    const program = build();
    for (const content of ["", "another program", readFileSync(program).subarray(1)]) {
      const before = readFileSync(program);
      writeFileSync(program, content);
      expect(build()).toBe(program);
      expect(readFileSync(program)).toEqual(before);
    }
    expect(calls()).toBe(4);
  });

  test("reports in one line that the agent cannot be stored", () => {
    writeCompiler(OBEY.replace(/; echo .*/, '; rm -rf "$(dirname "$2")"'));
    expect(failure()).toMatchObject({
      code: "no-cache",
      message: `cannot store the agent in ${folder}/cache/foliocheck: no such file or directory`,
    });
  });

  test("another compiler produces another agent", () => {
    expect(build({ CC: `${compiler} -g` })).not.toBe(build());
    expect(calls()).toBe(2);
  });

  test("links the agent dynamically without static libraries", () => {
    writeCompiler(`case "$*" in *-static*) echo "ld: cannot find -lc: error" >&2; exit 1;; esac\n${OBEY}`);
    expect(existsSync(build())).toBe(true);
    expect(calls()).toBe(2);
  });

  test("reports a missing compiler", () => {
    expect(failure({ CC: join(folder, "none") })).toMatchObject({
      code: "no-compiler",
      message: `no C compiler: ${folder}/none cannot be run (spawnSync ${folder}/none ENOENT); set CC to one`,
    });
    expect(cached()).toEqual([]);
  });

  test("reports the first error of a compiler that fails", () => {
    writeCompiler('echo "agent.c: In function main:" >&2; echo "agent.c:1:1: error: no such thing" >&2; exit 1');
    expect(failure()).toMatchObject({
      code: "compiler-fails",
      message: `${compiler} cannot compile the agent: agent.c:1:1: error: no such thing`,
    });
    expect(cached()).toEqual([]);
  });

  test("does not use an agent in a folder that others can write to", () => {
    mkdirSync(join(folder, "cache", "foliocheck"), { recursive: true });
    chmodSync(join(folder, "cache", "foliocheck"), 0o777);
    const program = build();
    expect(program.startsWith(join(folder, "cache"))).toBe(false);
    rmSync(program);
  });

  test("compiles with cc, or with the command in CC", () => {
    expect(compilerOf({})).toEqual(["cc"]);
    expect(compilerOf({ CC: " " })).toEqual(["cc"]);
    expect(compilerOf({ CC: "ccache gcc -m32" })).toEqual(["ccache", "gcc", "-m32"]);
  });
});
