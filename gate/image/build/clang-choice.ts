/** Which clang compiles: for the mm image, and units of the functions at the core. */

import { clangOnPath, type NativeClang, namedClang } from "../../compile/native-clang.ts";
import type { Compiler } from "./compiler.ts";
import { nativeCompiler } from "./native-compiler.ts";
import { npmCompiler } from "./npm-compiler.ts";

/** A choice: a clang of this machine if there is one that can do it, the one of the npm package, or a program. */
export type ClangChoice =
  | { readonly kind: "auto" }
  | { readonly kind: "npm" }
  | { readonly kind: "path"; readonly path: string };

/** @param word `auto`, `npm`, or the name or path of a program */
export function clangChoice(word: string): ClangChoice {
  return word === "auto" || word === "npm" ? { kind: word } : { kind: "path", path: word };
}

/**
 * The clang of this machine that is chosen; undefined for the one of the npm package.
 *
 * @throws CompileError when the chosen one cannot be used
 */
export function nativeClangOf(choice: ClangChoice): NativeClang | undefined {
  switch (choice.kind) {
    case "path":
      return namedClang(choice.path);
    case "npm":
      return undefined;
    case "auto":
      return clangOnPath();
  }
}

/**
 * Opens the compiler of a choice.
 *
 * @throws CompileError when the chosen one cannot be used
 */
export async function openCompiler(choice: ClangChoice): Promise<Compiler> {
  const native = nativeClangOf(choice);
  return native === undefined ? npmCompiler() : nativeCompiler(native);
}
