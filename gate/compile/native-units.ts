/** Compiles translation units with a clang of the host. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CompileError, compileFlagsOf, firstErrors, LINK_FLAGS, layoutFlagsOf, type Source } from "./clang.ts";
import { clangEnvironment, type NativeClang } from "./native-clang.ts";
import type { UnitCompiler } from "./unit-compiler.ts";

/** Maximum size of clang's output: that for layouts has some megabytes. */
const MOST_PRINTED = 2 ** 28;

const UNIT = "unit.c";

/**
 * Returns the compiler of units that uses a clang of the host.
 *
 * @param folder existing folder for temporary files
 */
export function nativeUnits({ clang, linker, version }: NativeClang, folder: string): UnitCompiler {
  /** Calls `run` with a new folder that contains the unit. */
  const withUnit = async <T>(text: string, run: (own: string) => Promise<T>): Promise<T> => {
    const own = mkdtempSync(join(folder, "unit-"));
    try {
      writeFileSync(join(own, UNIT), text);
      return await run(own);
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  };
  return {
    version: async () => version,
    compile: (source) =>
      withUnit(source.text, async (own) => {
        const flags = [...compileFlagsOf(source), ...IN_ANY_FOLDER];
        await printed(clang, [...flags, "-c", "-o", "unit.o", UNIT], own);
        await printed(linker, [...linkFlagsOf(source), "-o", "unit.wasm", "unit.o"], own);
        return new Uint8Array(readFileSync(join(own, "unit.wasm")));
      }),
    layouts: (text, target) =>
      withUnit(text, (own) => printed(clang, [...layoutFlagsOf(target), ...IN_ANY_FOLDER, UNIT], own)),
  };
}

/** Options that make the output independent of the folder and of a packager's configuration files. */
const IN_ANY_FOLDER = ["-fdebug-compilation-dir=.", "--no-default-config"];

function linkFlagsOf({ configuration: { is64Bit } }: Source): readonly string[] {
  return [...(is64Bit ? ["-mwasm64"] : []), ...LINK_FLAGS];
}

/**
 * Runs a program and returns its output.
 *
 * @throws CompileError if it reports an error or does not run
 */
function printed(program: string, args: readonly string[], folder: string): Promise<string> {
  const options = { cwd: folder, env: clangEnvironment(folder), maxBuffer: MOST_PRINTED };
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, out, errors) => {
      if (error === null) {
        resolve(out);
      } else {
        reject(
          new CompileError(firstErrors(errors.trim() === "" ? `cannot run ${program}: ${error.message}` : errors)),
        );
      }
    });
  });
}
