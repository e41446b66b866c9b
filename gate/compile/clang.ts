/** Compiles C to WebAssembly with clang, which is itself WebAssembly here: nothing has to be installed. */
import { execFileSync } from "node:child_process";
import { setFlagsFromString } from "node:v8";
import type { GateConfiguration } from "../tree/configuration.ts";

/** The tree's code does not compile, or clang cannot run. The message is clang's, with places in the tree. */
export class CompileError extends Error {
  /** The message without what it says of a gate that ends here: for a gate that goes on without a base. */
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
  // An endless loop that does nothing is still one.
  "-fno-finite-loops",
  // Without them, clang 16 makes memset() call itself.
  "-mbulk-memory",
];

/** Options for the linker. */
export const LINK_FLAGS: readonly string[] = ["--no-entry", "--export=__stack_pointer", "-z", "stack-size=65536"];

/**
 * How clang compiles threads: `-O0` has one access for each that the text has, `-O2` those that an optimising compiler leaves.
 */
export type Optimisation = "-O0" | "-O2";

/** What a module is made from. */
export interface Source {
  readonly text: string;
  readonly configuration: GateConfiguration;
  /** Whether calls of functions are noted: for traces. */
  readonly instrumented: boolean;
  /** Of a module for threads. */
  readonly threads?: Optimisation;
}

/** The arguments for clang to compile and link. */
export function flagsOf(source: Omit<Source, "text">): readonly string[] {
  return [...compileFlagsOf(source), "-nostdlib", `-Wl,${LINK_FLAGS.join()}`];
}

/** The arguments for clang to compile. */
export function compileFlagsOf({ configuration, instrumented, threads }: Omit<Source, "text">): readonly string[] {
  return [
    `--target=wasm${configuration.is64Bit ? "64" : "32"}-unknown-unknown`,
    ...FLAGS,
    ...(threads === undefined
      ? // What is traced runs for a few steps: a quicker compilation is worth more than quicker code.
        instrumented
        ? ["-O1", "-finstrument-functions"]
        : ["-O2"]
      : [threads, ...THREAD_FLAGS]),
  ];
}

/**
 * Line numbers of accesses, in the version that is read; and no instruction that copies more than 8 bytes: of what versions of clang
 * have by default, what the oldest one has.
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
 * @returns the bytes of the module, as the linker wrote them
 * @throws CompileError when clang reports an error, or is not installed
 */
export async function compileC(source: Source): Promise<Uint8Array<ArrayBuffer>> {
  const { files } = await runClang([...flagsOf(source), "-o", "unit.wasm"], source.text);
  const bytes = files?.["unit.wasm"];
  if (!(bytes instanceof Uint8Array)) {
    throw new CompileError("clang wrote no module");
  }
  return new Uint8Array(bytes);
}

/** The arguments for clang to print the layouts of structs. @param target as clang names it, such as `x86_64-linux-gnu` */
export function layoutFlagsOf(target: string): readonly string[] {
  return [`--target=${target}`, ...FRONT_END_FLAGS, "-fsyntax-only", "-Xclang", "-fdump-record-layouts-complete"];
}

/**
 * Lays out the structs of a unit as a target would.
 *
 * @param target as clang names it, such as `x86_64-linux-gnu`
 * @returns what `-fdump-record-layouts-complete` prints
 * @throws CompileError when clang reports an error, or is not installed
 */
export async function recordLayouts(text: string, target: string): Promise<string> {
  const { said } = await runClang(layoutFlagsOf(target), text);
  return said;
}

interface ClangRun {
  readonly files: Awaited<ReturnType<ClangPackage["runLLVM"]>>;
  readonly said: string;
}

async function runClang(flags: readonly string[], text: string): Promise<ClangRun> {
  const {
    commands: { clang },
  } = await loadClangPackage();
  const heard: Uint8Array[] = [];
  const hear = (bytes: Uint8Array | null): void => {
    if (bytes !== null) {
      heard.push(bytes.slice());
    }
  };
  try {
    const files = await clang([...flags, "unit.c"], { "unit.c": text }, { stdout: hear, stderr: hear });
    return { files, said: Buffer.concat(heard).toString("utf8") };
  } catch (error) {
    const said = Buffer.concat(heard).toString("utf8").trim();
    throw new CompileError(said === "" ? String(error) : firstErrors(said));
  }
}

/** The first errors of what clang said: one line each, as `mm/rmap.c:12:3: error: …`. @param most how many */
export function firstErrors(text: string, most: number = 5): string {
  const lines = text.split("\n").filter((line) => /\b(error|undefined symbol)\b/.test(line));
  return (lines.length === 0 ? text.split("\n") : lines)
    .slice(0, most)
    .map((line) => line.replace(/^\.\//, ""))
    .join("; ");
}

/**
 * Name and version of the compiler that is installed: what it makes depends on them.
 *
 * @throws CompileError when it is not installed
 */
export async function compilerVersion(): Promise<string> {
  return `@yowasp/clang ${(await importClang()).version}`;
}

/** The package. Its types do not declare the version. */
export type ClangPackage = typeof import("@yowasp/clang") & { readonly version: string };

let loading: Promise<ClangPackage> | undefined;

/**
 * Loads clang, once per thread.
 *
 * @throws CompileError when it is not installed
 */
export function loadClangPackage(): Promise<ClangPackage> {
  loading ??= importClang().then(async (loaded) => {
    await inBaselineCode(() =>
      // Reads the modules of clang. Without a callback it prints its progress on standard output.
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
 * Runs `load`; the functions of modules that it loads stay in V8's baseline code for longer. Clang is large, and runs for a
 * second or two: to optimise it takes longer than it saves.
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
