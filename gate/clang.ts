/** Compiles C to WebAssembly with clang, which is itself WebAssembly here: nothing has to be installed. */
import type { GateConfiguration } from "./compiled-kernel.ts";
import { withoutTable64 } from "./memory64.ts";

/** The tree's code does not compile, or clang cannot run. The message is clang's, with places in the tree. */
export class CompileError extends Error {}

/** Name and version of the compiler, as part of what a compiled unit depends on. */
export const COMPILER = "@yowasp/clang 22.0.0-git20542-10";

const FLAGS = [
  "-O2",
  "-std=gnu11",
  "-ffreestanding",
  "-fno-builtin",
  "-fno-strict-aliasing",
  "-fwrapv",
  "-nostdlib",
  "-Wno-everything",
  "-Werror=implicit-function-declaration",
  "-Werror=int-conversion",
  "-Werror=incompatible-pointer-types",
  "-fno-color-diagnostics",
  "-Wl,--no-entry",
  "-Wl,--export=__stack_pointer",
  "-Wl,-z,stack-size=65536",
];

/** What a module is made from. */
export interface Source {
  readonly text: string;
  readonly configuration: GateConfiguration;
  /** Whether calls of functions are noted: for traces. */
  readonly instrumented: boolean;
}

/** The arguments for clang. */
export function flagsOf({ configuration, instrumented }: Omit<Source, "text">): readonly string[] {
  return [
    `--target=wasm${configuration.is64Bit ? "64" : "32"}-unknown-unknown`,
    ...FLAGS,
    ...(instrumented ? ["-finstrument-functions"] : []),
  ];
}

/**
 * Compiles a unit.
 *
 * @returns the bytes of the module
 * @throws CompileError when clang reports an error, or is not installed
 */
export async function compileC(source: Source): Promise<Uint8Array<ArrayBuffer>> {
  const clang = await loadClang();
  // Reads the compiler from disk, quietly: it says how far it is on standard output otherwise.
  await clang(undefined, undefined, { fetchProgress: () => {} });
  const said: Uint8Array[] = [];
  const hear = (bytes: Uint8Array | null): void => {
    if (bytes !== null) {
      said.push(bytes.slice());
    }
  };
  try {
    const files = await clang(
      [...flagsOf(source), "-o", "unit.wasm", "unit.c"],
      { "unit.c": source.text },
      { stdout: hear, stderr: hear },
    );
    const bytes = files?.["unit.wasm"];
    if (!(bytes instanceof Uint8Array)) {
      throw new CompileError("clang wrote no module");
    }
    return withoutTable64(new Uint8Array(bytes));
  } catch (error) {
    if (error instanceof CompileError) {
      throw error;
    }
    const text = Buffer.concat(said).toString("utf8").trim();
    throw new CompileError(text === "" ? String(error) : firstErrors(text));
  }
}

/** The first errors of what clang said: one line each, as `mm/rmap.c:12:3: error: …`. */
function firstErrors(text: string): string {
  const lines = text.split("\n").filter((line) => /\b(error|undefined symbol)\b/.test(line));
  return (lines.length === 0 ? text.split("\n") : lines).slice(0, 5).join("; ");
}

type Clang = typeof import("@yowasp/clang").commands.clang;

/** Clang is an optional dependency: it is large, and nothing but the gate needs it. */
async function loadClang(): Promise<Clang> {
  try {
    const { commands } = await import("@yowasp/clang");
    return commands.clang;
  } catch {
    throw new CompileError(
      "the optional dependency @yowasp/clang is not installed; install it with npm install @yowasp/clang",
    );
  }
}
