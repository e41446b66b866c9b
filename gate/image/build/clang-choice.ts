/** Selects the clang for the mm image and for the translation units of the functions in scope. */

import { clangOnPath, type NativeClang, namedClang } from "../../compile/native-clang.ts";
import type { Compiler } from "./compiler.ts";
import { nativeCompiler } from "./native-compiler.ts";
import { npmCompiler } from "./npm-compiler.ts";

/**
 * A choice: a suitable clang of the host if there is one, else that of the npm package (`auto`); that of the package;
 * or a program.
 */
export type ClangChoice =
  | { readonly kind: "auto" }
  | { readonly kind: "npm" }
  | { readonly kind: "path"; readonly path: string };

/**
 * Parses a choice.
 *
 * @param word `auto`, `npm`, or the name or path of a program
 */
export function clangChoice(word: string): ClangChoice {
  return word === "auto" || word === "npm" ? { kind: word } : { kind: "path", path: word };
}

/**
 * Returns the selected clang of the host; undefined for that of the npm package.
 *
 * @throws CompileError when the selected one cannot be used
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
 * Opens the selected compiler.
 *
 * @throws CompileError when it cannot be used
 */
export async function openCompiler(choice: ClangChoice): Promise<Compiler> {
  const native = nativeClangOf(choice);
  return native === undefined ? npmCompiler() : nativeCompiler(native);
}
