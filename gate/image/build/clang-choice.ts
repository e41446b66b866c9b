/** Which clang compiles the mm image. */
import type { Compiler } from "./compiler.ts";
import { clangOnPath, namedClang } from "./native-clang.ts";
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
 * Opens the compiler of a choice.
 *
 * @throws CompileError when the chosen one cannot be used
 */
export async function openCompiler(choice: ClangChoice): Promise<Compiler> {
  switch (choice.kind) {
    case "path":
      return nativeCompiler(namedClang(choice.path));
    case "npm":
      return npmCompiler();
    case "auto": {
      const native = clangOnPath();
      return native === undefined ? npmCompiler() : nativeCompiler(native);
    }
  }
}
