/** What a file of a kernel tree declares at its top level, and by which names it is found. */
import type { CParser, Node, Tree } from "./c-parser.ts";
import { type ActiveFile, type Macro, macroAt } from "./preprocessor.ts";
import { declaredNames, type References, referencesOf, referencesOfTokens } from "./references.ts";

/** A function, type, variable or macro of a tree. */
export interface Declaration {
  readonly kind: "function" | "prototype" | "type" | "variable" | "macro";
  /** Names that it gives; those of structs, unions and enums as `struct page`. */
  readonly names: readonly string[];
  readonly file: string;
  /** Whether it is none of the tree's. */
  readonly isStub: boolean;
  /** Line on which the text begins, from 1. */
  readonly line: number;
  /** As it stands in the file. */
  readonly text: string;
  /** The lines of the file on which it stands: of a macro with its backslashes, of what a macro makes the macro's use. */
  readonly lines: string;
  /** Of a function: what stands before its body. */
  readonly head: string;
  /** The parsed definition; none for a macro. */
  readonly node: Node | undefined;
  /** Of a macro: the line of the #undef that ends it in its file, if there is one. */
  readonly until?: number;
  /** Whether it is declared only, as a variable of somewhere else. */
  readonly isExtern: boolean;
  /** Whether it is a macro that has parameters and uses none of them. */
  readonly ignoresArguments: boolean;
  /** What it refers to. */
  readonly references: () => References;
}

/** Folder of the stand-ins, in no tree. */
export const STAND_INS = "foliocheck";

function isStub(file: string): boolean {
  return file.startsWith(`${STAND_INS}/`);
}

/** Attributes and the like, which the parser would take for types: replaced by spaces where it looks. */
const ATTRIBUTES = new RegExp(
  `\\b(?:${[
    "__always_inline|__must_check|__init|__meminit|__ref|noinline|noinline_for_stack|notrace|asmlinkage|__cold|__weak",
    "__maybe_unused|__used|__bitwise|__force|__user|__rcu|__iomem|__percpu|__private|__read_mostly|__packed|__pure",
    "__randomize_layout|__no_randomize_layout|__latent_entropy|__attribute_const__|__deprecated|__malloc|__sched",
    "____cacheline_aligned_in_smp|____cacheline_internodealigned_in_smp|____cacheline_aligned|__ro_after_init",
    "randomized_struct_fields_start|randomized_struct_fields_end|nokprobe_inline|__no_sanitize_memory",
  ].join(
    "|",
  )})\\b|\\b(?:__counted_by|__counted_by_ptr|__aligned|__printf|__attribute__|__acquires|__releases|__must_hold|__guarded_by|__alloc_size|__cond_acquires|CACHELINE_PADDING|__section|EXPORT_\\w+|ALLOW_ERROR_INJECTION)\\s*\\((?:[^()]|\\((?:[^()]|\\([^()]*\\))*\\))*\\)`,
  "g",
);

function withoutAttributes(code: string): string {
  return code.replace(ATTRIBUTES, (attribute) => attribute.replace(/[^\n]/g, " "));
}

/** The macro that a name stands for on a line of the file, from 1. */
type MacroLookup = (name: string, line: number) => Macro | undefined;

/** The declarations of one file. */
export class Declarations {
  readonly #file: ActiveFile;
  readonly #parser: CParser;
  readonly #trees: Tree[] = [];
  readonly #lookedUp = new Map<string, string | undefined>();
  readonly all: readonly Declaration[];

  /** @param macrosBefore macros of files before this one: a file may generate functions with them */
  constructor(parser: CParser, file: ActiveFile, macrosBefore: ReadonlyMap<string, Macro>) {
    this.#parser = parser;
    this.#file = file;
    const own = new Set(file.macros.map(({ name }) => name));
    const macros: MacroLookup = (name, line) => {
      const found = own.has(name) ? macroAt(file.macros, name, line) : undefined;
      if (found !== undefined) {
        return found;
      }
      const before = macrosBefore.get(name);
      this.#lookedUp.set(name, before?.text);
      return before;
    };
    this.all = [...file.macros.map(macroDeclaration), ...this.#declarations(macros)];
  }

  /** Whether they would be the same after other files, with these macros. */
  areTheSameAfter(macrosBefore: ReadonlyMap<string, Macro>): boolean {
    return [...this.#lookedUp].every(([name, text]) => macrosBefore.get(name)?.text === text);
  }

  /** Frees what the parser holds. */
  delete(): void {
    for (const tree of this.#trees) {
      tree.delete();
    }
  }

  #declarations(macros: MacroLookup): Declaration[] {
    const { code, uses } = withoutGenerators(withoutAttributes(this.#file.code), macros);
    const root = this.#parse(code);
    return [
      ...topLevel(root).flatMap((node) => this.#declaration(node, macros)),
      ...uses.flatMap((use) => this.#generated(use)),
    ];
  }

  #parse(code: string): Node {
    const tree = this.#parser.parse(code);
    this.#trees.push(tree);
    return tree.rootNode;
  }

  #declaration(node: Node, macros: MacroLookup): readonly Declaration[] {
    switch (node.type) {
      case "function_definition":
        return [this.#functionDeclaration(node, this.#file.code, 0)];
      case "declaration":
      case "type_definition":
      case "struct_specifier":
      case "union_specifier":
      case "enum_specifier":
        return this.#other(node, macros);
      default:
        return [];
    }
  }

  #functionDeclaration(node: Node, text: string, lineOffset: number): Declaration {
    const names = declaredNames(node);
    const body = node.childForFieldName("body");
    const own = text.slice(node.startIndex, node.endIndex);
    return {
      kind: "function",
      names,
      file: this.#file.file,
      isStub: isStub(this.#file.file),
      line: lineOffset === 0 ? node.startPosition.row + 1 : lineOffset,
      text: own,
      lines: lineOffset === 0 ? own : (this.#file.code.split("\n")[lineOffset - 1] ?? ""),
      head: text.slice(node.startIndex, body?.startIndex ?? node.endIndex).trimEnd(),
      node,
      isExtern: false,
      ignoresArguments: false,
      references: once(() => referencesOf(node, names)),
    };
  }

  #other(node: Node, macros: MacroLookup): readonly Declaration[] {
    const typeNode = /_specifier$/.test(node.type) ? node : node.childForFieldName("type");
    const tagged =
      typeNode !== null && typeNode.childForFieldName("body") !== null ? namesOfType(typeNode, macros) : [];
    const declared = /_specifier$/.test(node.type) ? [] : declaredNames(node);
    const isPrototype = node.type === "declaration" && tagged.length === 0 && isFunction(node);
    const names = [...tagged, ...declared];
    if (names.length === 0) {
      return [];
    }
    const kind = node.type === "type_definition" || tagged.length > 0 ? "type" : isPrototype ? "prototype" : "variable";
    const text = this.#file.code.slice(node.startIndex, node.endIndex);
    return [
      {
        kind,
        names,
        file: this.#file.file,
        isStub: isStub(this.#file.file),
        line: node.startPosition.row + 1,
        text: text.endsWith(";") ? text : `${text};`,
        lines: text,
        head: "",
        node,
        isExtern: kind === "variable" && /^extern\b/.test(text),
        ignoresArguments: false,
        // The name after a struct's body is more often an attribute than a variable: it stays among the references.
        references: once(() => referencesOf(node, tagged.length > 0 ? tagged : names)),
      },
    ];
  }

  /** Functions that a macro makes when a file uses it at its top level. */
  #generated({ expanded, line }: Use): readonly Declaration[] {
    const oneLine = expanded.replaceAll("\n", " ");
    const root = this.#parse(withoutAttributes(oneLine));
    return topLevel(root)
      .filter((each) => each.type === "function_definition")
      .map((each) => this.#functionDeclaration(each, oneLine, line));
  }
}

/** A use of a macro that makes functions. */
interface Use {
  readonly expanded: string;
  /** Where it stands, from 1. */
  readonly line: number;
}

/** A line that is nothing but uses of macros. */
const USES = /^\s*(?:\w+\s*\([^(){};]*\)\s*;?\s*)+(?:\/\*.*\*\/\s*)?$/;

/**
 * Takes lines out that use macros which make functions, such as those of page flags: without a semicolon they are no C
 * that a parser could read.
 */
function withoutGenerators(code: string, macros: MacroLookup): { code: string; uses: readonly Use[] } {
  const uses: Use[] = [];
  const lines = code.split("\n").map((line, i) => {
    if (!USES.test(line)) {
      return line;
    }
    const found = (line.match(/\w+\s*\([^(){};]*\)/g) ?? []).flatMap((use) => {
      const expanded = expansion(use, macros, i + 1, 0);
      return expanded?.includes("{") === true ? [{ expanded, line: i + 1 }] : [];
    });
    // Inside of a body, what looks the same is a statement whose macro has no function in it.
    if (found.length === 0 || !found.every(({ expanded }) => /^\s*(?:static|void|int|bool)\b/.test(expanded))) {
      return line;
    }
    uses.push(...found);
    return " ".repeat(line.length);
  });
  return { code: lines.join("\n"), uses };
}

/** Nodes whose children are at the top level, too: what the parser could not put anywhere, and both sides of conditions. */
const TRANSPARENT: ReadonlySet<string> = new Set(
  "ERROR linkage_specification declaration_list preproc_if preproc_ifdef preproc_else preproc_elif preproc_elifdef".split(
    " ",
  ),
);

function topLevel(root: Node): Node[] {
  return root.namedChildren.flatMap((node) =>
    node === null ? [] : TRANSPARENT.has(node.type) ? topLevel(node) : [node],
  );
}

/** Where a function is defined: its name, and its first and last line, from 1. */
interface DefinitionPlace {
  readonly name: string;
  readonly line: number;
  readonly endLine: number;
}

/**
 * The functions that a file defines at its top level, whatever the configuration.
 *
 * @param code without comments, directives included
 */
export function functionDefinitions(code: string, parser: CParser): DefinitionPlace[] {
  const tree = parser.parse(withoutAttributes(withNamedHeads(code)));
  try {
    return topLevel(tree.rootNode).flatMap((node) => {
      const [name] = node.type === "function_definition" ? declaredNames(node) : [];
      return name === undefined ? [] : [{ name, line: node.startPosition.row + 1, endLine: node.endPosition.row + 1 }];
    });
  } finally {
    tree.delete();
  }
}

/** `SYSCALL_DEFINE2(munlock, …) {` as a function of that name: such a head is no C that a parser could read. */
function withNamedHeads(code: string): string {
  return code.replace(
    /^[A-Z][A-Z0-9_]*\((\w+)\b([^;{}]*)\)(?=\s*\{)/gm,
    (_, name: string, rest: string) => `int ${name}(void)${rest.replace(/[^\n]/g, "")}`,
  );
}

function isFunction(declaration: Node): boolean {
  return declaration
    .childrenForFieldName("declarator")
    .some((each) => each !== null && (/function_declarator$/.test(each.type) || pointsAtFunction(each)));
}

function pointsAtFunction(declarator: Node): boolean {
  const inner = declarator.type === "pointer_declarator" ? declarator.childForFieldName("declarator") : null;
  return inner !== null && (/function_declarator$/.test(inner.type) || pointsAtFunction(inner));
}

/** `struct page`, and the enumerators of an enum, also those that a macro makes. */
function namesOfType(type: Node, macros: MacroLookup): string[] {
  const keyword = type.type.replace("_specifier", "");
  const name = type.childForFieldName("name");
  const tag = name === null ? [] : [`${keyword} ${name.text}`];
  if (keyword !== "enum") {
    return tag;
  }
  const line = type.startPosition.row + 1;
  const written = type
    .descendantsOfType("enumerator")
    .flatMap((each) => each?.childForFieldName("name")?.text ?? [])
    .filter((each) => macros(each, line) === undefined);
  const made = (type.text.match(/\b\w+\s*\([^()]*\)/g) ?? []).flatMap(
    (use) => /^\s*([A-Za-z_]\w*)/.exec(expansion(use, macros, line, 0) ?? "")?.[1] ?? [],
  );
  return [...tag, ...written, ...made];
}

function macroDeclaration(macro: Macro): Declaration {
  const { name, parameters, body, text, lines, file, line, until } = macro;
  return {
    kind: "macro",
    names: [name],
    file,
    isStub: isStub(file),
    line,
    text,
    lines,
    head: "",
    node: undefined,
    ...(until === undefined ? {} : { until }),
    isExtern: false,
    ignoresArguments: parameters?.every((each) => !new RegExp(`\\b${each}\\b`).test(body)) === true,
    references: once(() => referencesOfTokens(body, [name, ...(parameters ?? [])])),
  };
}

/** Computes a value when it is first asked for. */
export function once<T>(compute: () => T): () => T {
  let value: T | undefined;
  return () => {
    value ??= compute();
    return value;
  };
}

/** Deepest nesting of macros that generate functions. */
const DEEPEST = 16;

/**
 * A use of a macro with its body in its place, arguments substituted and tokens pasted, as far as macros are made of
 * macros that make functions. What is not such a macro stays as it is. Undefined when the name is no macro.
 */
function expansion(call: string, macros: MacroLookup, line: number, depth: number): string | undefined {
  const [, name = "", list = ""] = /^(\w+)\s*\((.*)\)$/s.exec(call.trim()) ?? [];
  const macro = macros(name, line);
  if (macro?.parameters === undefined || depth > DEEPEST) {
    return undefined;
  }
  const given = list.split(",").map((each) => each.trim());
  const parameters = macro.parameters;
  let text = macro.body.replace(/"(?:\\.|[^"\\])*"|[A-Za-z_]\w*/g, (token) => {
    const position = parameters.indexOf(token);
    return position < 0 ? token : (given[position] ?? "");
  });
  text = text.replace(/\s*##\s*/g, "");
  // Only uses outside of a body generate anything: those follow each other, or a closing brace.
  return text.replace(/(^|[)}\s])(\w+\s*\([^(){};]*\))(?=\s*(?:$|[A-Za-z_]))/g, (all, before: string, use: string) => {
    const inner = expansion(use, macros, line, depth + 1);
    return inner === undefined || !inner.includes("{") ? all : `${before}${inner}\n`;
  });
}
