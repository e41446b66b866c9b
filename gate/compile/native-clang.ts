/** Finds a clang of this machine that makes WebAssembly, and its linker. */
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { CompileError } from "./clang.ts";

/** Programs that make WebAssembly. */
export interface NativeClang {
  readonly clang: string;
  readonly linker: string;
  /** The output of `--version` of both. */
  readonly version: string;
}

/** Variables that give clang more folders, or other options. */
const CLANG_VARIABLES: readonly string[] = ["CPATH", "C_INCLUDE_PATH", "CCC_OVERRIDE_OPTIONS", "SOURCE_DATE_EPOCH"];

/** The environment for clang and linker, of which nothing decides what they make. @param folder in which they run */
export function clangEnvironment(folder: string): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([name]) => !CLANG_VARIABLES.includes(name));
  return { ...Object.fromEntries(kept), PWD: folder, LC_ALL: "C" };
}

/** Versions of clang and wasm-ld that are known to do: older ones lack options. */
const OLDEST = 16;
const NEWEST_NAMED = 25;

/** Names that a clang may have on the PATH: the usual one, then the newest. */
const NAMES: readonly string[] = [
  "clang",
  ...Array.from({ length: NEWEST_NAMED - OLDEST + 1 }, (_, i) => `clang-${NEWEST_NAMED - i}`),
];

/** The first clang on the PATH that can make WebAssembly and has a linker; undefined when there is none. */
export function clangOnPath(path: string = process.env["PATH"] ?? ""): NativeClang | undefined {
  for (const name of NAMES) {
    for (const clang of programsOn(path, name)) {
      const found = nativeClang(clang, path);
      if (typeof found !== "string") {
        return found;
      }
    }
  }
  return undefined;
}

/**
 * The clang that a user names, and its linker.
 *
 * @throws CompileError when it cannot make WebAssembly
 */
export function namedClang(clang: string, path: string = process.env["PATH"] ?? ""): NativeClang {
  const found = nativeClang(pathOf(clang, path), path);
  if (typeof found === "string") {
    throw new CompileError(`cannot compile with "${clang}": ${found}; want clang ${OLDEST} or later, or --clang npm`);
  }
  return found;
}

/** A clang and its linker, or why it cannot be taken. */
function nativeClang(clang: string, path: string): NativeClang | string {
  const version = outputOf(clang, "--version");
  // Apple counts the versions of its clang in another way; that one does not make WebAssembly.
  const [, major] = /clang version (\d+)/.exec(version ?? "") ?? [];
  if (version === undefined || major === undefined) {
    return "it is no clang that runs";
  }
  if (Number(major) < OLDEST) {
    return `it has version ${major}`;
  }
  if (!/^\s*wasm64\b/m.test(outputOf(clang, "-print-targets") ?? "")) {
    return "it does not make WebAssembly";
  }
  const linkers = linkersFor(clang, Number(major), path).map((program) => {
    const text = firstLine(outputOf(program, "--version") ?? "");
    return { program, text, major: Number(/LLD (\d+)/.exec(text)?.[1] ?? 0) };
  });
  const linker =
    linkers.find((each) => each.major === Number(major)) ??
    // A later linker reads the objects of an earlier compiler.
    linkers.find((each) => each.major > Number(major));
  return linker === undefined
    ? "it has no wasm-ld"
    : { clang, linker: linker.program, version: `${firstLine(version)}, ${linker.text}` };
}

/** Where a program is that is named as in a shell: without a folder, it is searched for on the PATH. */
function pathOf(program: string, path: string): string {
  return basename(program) === program ? (programsOn(path, program)[0] ?? program) : program;
}

/** The files of a name on the PATH, in its order. */
function programsOn(path: string, name: string): readonly string[] {
  return filesNamed(
    name,
    path.split(delimiter).filter((each) => each !== ""),
  );
}

function filesNamed(name: string, folders: readonly string[]): readonly string[] {
  return folders.map((folder) => join(folder, name)).filter((file) => existsSync(file));
}

/** Where the linker of a clang may be: beside it, beside what it is a link to, on the PATH. */
function linkersFor(clang: string, major: number, path: string): readonly string[] {
  return [`wasm-ld-${major}`, "wasm-ld"].flatMap((name) => [
    ...filesNamed(name, [dirname(clang), dirname(realOf(clang))]),
    ...programsOn(path, name),
  ]);
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The output of a program; undefined when it does not run. */
function outputOf(program: string, argument: string): string | undefined {
  const { status, stdout } = spawnSync(program, [argument], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return status === 0 ? stdout : undefined;
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
