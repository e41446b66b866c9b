/** The C parser: tree-sitter with its C grammar, both in WebAssembly. */
import { createRequire } from "node:module";
import type { Node, Parser, Tree } from "web-tree-sitter";
import { TreeError } from "./tree-error.ts";

/** The parser is not installed, or failed. */
class ParserError extends TreeError {}

/** A parser of C. */
export interface CParser {
  /** Parses a text. The caller must delete() the syntax tree. */
  readonly parse: (text: string) => Tree;
}

export type { Node, Tree };

let loading: Promise<CParser> | undefined;

/**
 * Loads the parser, once.
 *
 * @throws ParserError if its packages, which are optional dependencies, are not installed
 */
export function cParser(): Promise<CParser> {
  loading ??= load();
  return loading;
}

async function load(): Promise<CParser> {
  try {
    const { Language, Parser: TreeSitter } = await import("web-tree-sitter");
    await TreeSitter.init();
    const grammar = createRequire(import.meta.url).resolve("tree-sitter-c/tree-sitter-c.wasm");
    const parser: Parser = new TreeSitter();
    parser.setLanguage(await Language.load(grammar));
    return {
      parse: (text) => {
        const tree = parser.parse(text);
        if (tree === null) {
          throw new ParserError("the C parser gave up");
        }
        return tree;
      },
    };
  } catch (error) {
    if (error instanceof ParserError) {
      throw error;
    }
    throw new ParserError(
      "the optional dependencies web-tree-sitter and tree-sitter-c are not installed; install them with npm install web-tree-sitter tree-sitter-c",
    );
  }
}
