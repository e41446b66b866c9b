/** Finds a clang of the host that compiles to WebAssembly, and its linker. */
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { CompileError } from "./clang.ts";

/** A compiler and a linker for WebAssembly. */
export interface NativeClang {
  readonly clang: string;
  readonly linker: string;
  /** The output of `--version` of both. */
  readonly version: string;
}

/** Environment variables that add include folders or options to clang. */
const CLANG_VARIABLES: readonly string[] = ["CPATH", "C_INCLUDE_PATH", "CCC_OVERRIDE_OPTIONS", "SOURCE_DATE_EPOCH"];

/** Returns an environment for clang and linker that does not affect their output. @param folder in which they run */
export function clangEnvironment(folder: string): Record<string, string | undefined> {
  const variables = Object.entries(process.env).filter(([name]) => !CLANG_VARIABLES.includes(name));
  return { ...Object.fromEntries(variables), PWD: folder, LC_ALL: "C" };
}

/** Oldest version of clang and wasm-ld that has all options, and newest version that is tried by name. */
const OLDEST = 16;
const NEWEST_NAMED = 25;

/** Names of clang to search on the PATH: without a version, then the newest first. */
const NAMES: readonly string[] = [
  "clang",
  ...Array.from({ length: NEWEST_NAMED - OLDEST + 1 }, (_, i) => `clang-${NEWEST_NAMED - i}`),
];

/** Returns the first clang on the PATH that compiles to WebAssembly and has a linker; undefined if there is none. */
export function clangOnPath(path: string = process.env["PATH"] ?? ""): NativeClang | undefined {
  for (const name of NAMES) {
    for (const clang of programsOn(path, name)) {
      const programs = nativeClang(clang, path);
      if (typeof programs !== "string") {
        return programs;
      }
    }
  }
  return undefined;
}

/**
 * Returns the clang of a name or path, and its linker.
 *
 * @throws CompileError if it cannot compile to WebAssembly
 */
export function namedClang(clang: string, path: string = process.env["PATH"] ?? ""): NativeClang {
  const programs = nativeClang(pathOf(clang, path), path);
  if (typeof programs === "string") {
    throw new CompileError(
      `cannot compile with "${clang}": ${programs}; want clang ${OLDEST} or later, or --clang npm`,
    );
  }
  return programs;
}

/** Returns a clang and its linker, or the reason why it cannot be used. */
function nativeClang(clang: string, path: string): NativeClang | string {
  const version = outputOf(clang, "--version");
  // Apple's clang has other version numbers; it does not compile to WebAssembly anyway.
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

/** Resolves a program as a shell does: a name without a folder is searched on the PATH. */
function pathOf(program: string, path: string): string {
  return basename(program) === program ? (programsOn(path, program)[0] ?? program) : program;
}

/** Returns the files of a name on the PATH, in its order. */
function programsOn(path: string, name: string): readonly string[] {
  return filesNamed(
    name,
    path.split(delimiter).filter((each) => each !== ""),
  );
}

function filesNamed(name: string, folders: readonly string[]): readonly string[] {
  return folders.map((folder) => join(folder, name)).filter((file) => existsSync(file));
}

/** Returns candidates for the linker of a clang: in its folder, in the folder of its link target, on the PATH. */
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

/** Returns the output of a program; undefined if it fails. */
function outputOf(program: string, argument: string): string | undefined {
  const { status, stdout } = spawnSync(program, [argument], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return status === 0 ? stdout : undefined;
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] ?? "";
}
