/** Compiles C to WebAssembly with the clang of an npm package, which is itself WebAssembly. */
import { execFileSync } from "node:child_process";
import { setFlagsFromString } from "node:v8";
import type { GateConfiguration } from "../tree/configuration.ts";

/** The tree's code does not compile, or clang cannot run. The message is clang's, with places in the tree. */
export class CompileError extends Error {
  /** The message without "nothing was checked": for a gate that continues without a base. */
  readonly reason: string;

  constructor(message: string, reason: string = message) {
    super(message);
    this.reason = reason;
  }
}

const FRONT_END_FLAGS = [
  "-std=gnu11",
  "-ffreestanding",
  "-Wno-everything",
  "-Werror=implicit-function-declaration",
  "-Werror=int-conversion",
  "-Werror=incompatible-pointer-types",
  "-fno-color-diagnostics",
];

const FLAGS = [
  ...FRONT_END_FLAGS,
  "-fno-builtin",
  "-fno-strict-aliasing",
  "-fwrapv",
  // The compiler must not remove endless loops without side effects.
  "-fno-finite-loops",
  // Without them, clang 16 makes memset() call itself.
  "-mbulk-memory",
];

/** Options for the linker. */
export const LINK_FLAGS: readonly string[] = ["--no-entry", "--export=__stack_pointer", "-z", "stack-size=65536"];

/**
 * Optimisation level for threads: `-O0` has one access for each in the source, `-O2` those that an optimising compiler
 * leaves.
 */
export type Optimisation = "-O0" | "-O2";

/** The input of a compilation. */
export interface Source {
  readonly text: string;
  readonly configuration: GateConfiguration;
  /** Whether the module has a call log, for traces. */
  readonly instrumented: boolean;
  /** Optimisation level of a module for threads; absent for other modules. */
  readonly threads?: Optimisation;
}

/** Returns the arguments for clang to compile and link. */
export function flagsOf(source: Omit<Source, "text">): readonly string[] {
  return [...compileFlagsOf(source), "-nostdlib", `-Wl,${LINK_FLAGS.join()}`];
}

/** Returns the arguments for clang to compile. */
export function compileFlagsOf({ configuration, instrumented, threads }: Omit<Source, "text">): readonly string[] {
  return [
    `--target=wasm${configuration.is64Bit ? "64" : "32"}-unknown-unknown`,
    ...FLAGS,
    ...(threads === undefined
      ? // A module for traces runs a few steps only: fast compilation matters more than fast code.
        instrumented
        ? ["-O1", "-finstrument-functions"]
        : ["-O2"]
      : [threads, ...THREAD_FLAGS]),
  ];
}

/**
 * Options for threads: line numbers in DWARF 4, which is the version that is read; no instruction that copies more than
 * 8 bytes; and the WebAssembly features that the oldest supported clang has by default.
 */
const THREAD_FLAGS = [
  "-gdwarf-4",
  "-gline-tables-only",
  "-mcpu=mvp",
  "-mno-bulk-memory",
  "-msign-ext",
  "-mmutable-globals",
];

/**
 * Compiles a unit.
 *
 * @returns the linker's output
 * @throws CompileError if clang reports an error or is not installed
 */
export async function compileC(source: Source): Promise<Uint8Array<ArrayBuffer>> {
  const { files } = await runClang([...flagsOf(source), "-o", "unit.wasm"], source.text);
  const bytes = files?.["unit.wasm"];
  if (!(bytes instanceof Uint8Array)) {
    throw new CompileError("clang wrote no module");
  }
  return new Uint8Array(bytes);
}

/**
 * Returns the arguments for clang to print the layouts of structs.
 *
 * @param target target triple of clang, such as `x86_64-linux-gnu`
 */
export function layoutFlagsOf(target: string): readonly string[] {
  return [`--target=${target}`, ...FRONT_END_FLAGS, "-fsyntax-only", "-Xclang", "-fdump-record-layouts-complete"];
}

/**
 * Prints the layouts of the structs of a unit for a target.
 *
 * @param target target triple of clang, such as `x86_64-linux-gnu`
 * @returns the output of `-fdump-record-layouts-complete`
 * @throws CompileError if clang reports an error or is not installed
 */
export async function recordLayouts(text: string, target: string): Promise<string> {
  const { output } = await runClang(layoutFlagsOf(target), text);
  return output;
}

interface ClangRun {
  readonly files: Awaited<ReturnType<ClangPackage["runLLVM"]>>;
  readonly output: string;
}

async function runClang(flags: readonly string[], text: string): Promise<ClangRun> {
  const {
    commands: { clang },
  } = await loadClangPackage();
  const chunks: Uint8Array[] = [];
  const collect = (bytes: Uint8Array | null): void => {
    if (bytes !== null) {
      chunks.push(bytes.slice());
    }
  };
  try {
    const files = await clang([...flags, "unit.c"], { "unit.c": text }, { stdout: collect, stderr: collect });
    return { files, output: Buffer.concat(chunks).toString("utf8") };
  } catch (error) {
    const output = Buffer.concat(chunks).toString("utf8").trim();
    throw new CompileError(output === "" ? String(error) : firstErrors(output));
  }
}

/** Returns the first errors in clang's output, as `mm/rmap.c:12:3: error: …`. @param most maximum number of errors */
export function firstErrors(text: string, most: number = 5): string {
  const lines = text.split("\n").filter((line) => /\b(error|undefined symbol)\b/.test(line));
  return (lines.length === 0 ? text.split("\n") : lines)
    .slice(0, most)
    .map((line) => line.replace(/^\.\//, ""))
    .join("; ");
}

/**
 * Returns name and version of the installed compiler: its output depends on them.
 *
 * @throws CompileError if it is not installed
 */
export async function compilerVersion(): Promise<string> {
  return `@yowasp/clang ${(await importClang()).version}`;
}

/** The type of the package, with the version, which its own types do not declare. */
export type ClangPackage = typeof import("@yowasp/clang") & { readonly version: string };

let loading: Promise<ClangPackage> | undefined;

/**
 * Loads clang, once per thread.
 *
 * @throws CompileError if it is not installed
 */
export function loadClangPackage(): Promise<ClangPackage> {
  loading ??= importClang().then(async (loaded) => {
    await inBaselineCode(() =>
      // Loads the modules of clang. Without the callback it prints its progress on standard output.
      loaded.runLLVM(undefined, undefined, { fetchProgress: () => {} }),
    );
    return loaded;
  });
  return loading;
}

/** Imports the package. It is an optional dependency: it is large, and only the gate needs it. */
async function importClang(): Promise<ClangPackage> {
  try {
    return (await import("@yowasp/clang")) as ClangPackage;
  } catch {
    throw new CompileError(
      "the optional dependency @yowasp/clang is not installed; install it with npm install @yowasp/clang",
    );
  }
}

/**
 * Runs `load` with a higher threshold for V8's optimising compiler, for the modules that it loads. Clang is large and
 * runs for one or two seconds: optimising it takes longer than it saves.
 */
async function inBaselineCode(load: () => unknown): Promise<void> {
  const usual = /--wasm-tiering-budget=\d+/.exec(
    execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" }),
  );
  if (usual === null) {
    await load();
    return;
  }
  setFlagsFromString("--wasm-tiering-budget=100000000");
  try {
    await load();
  } finally {
    setFlagsFromString(usual[0]);
  }
}
