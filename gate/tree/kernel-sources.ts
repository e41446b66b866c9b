/** The declarations of a tree in one configuration, by name. */
import type { CParser } from "./c-parser.ts";
import { type Declaration, Declarations } from "./declarations.ts";
import type { KernelOptions } from "./kernel-options.ts";
import type { KernelTree } from "./kernel-tree.ts";
import { BUILT_WITH, FILES, FIRST_AFTER_HEADERS } from "./manifest.ts";
import { type ActiveFile, type Macro, Preprocessor } from "./preprocessor.ts";

/** Parses a file once for all configurations in which its preprocessed text is the same. */
export class ParsedFiles {
  readonly #parser: CParser;
  /** By preprocessed text; several entries if macros of other files make a difference. */
  readonly #parsed = new Map<string, Declarations[]>();

  constructor(parser: CParser) {
    this.#parser = parser;
  }

  declarations(file: ActiveFile, macrosBefore: ReadonlyMap<string, Macro>): readonly Declaration[] {
    const key = [file.file, file.code, ...file.macros.map(({ text }) => text)].join("\0");
    const candidates = this.#parsed.get(key) ?? [];
    let declarations = candidates.find((each) => each.areTheSameAfter(macrosBefore));
    if (declarations === undefined) {
      declarations = new Declarations(this.#parser, file, macrosBefore);
      this.#parsed.set(key, [...candidates, declarations]);
    }
    return declarations.all;
  }

  /** Frees the syntax trees, which are in the parser's WebAssembly memory. */
  delete(): void {
    for (const declarations of this.#parsed.values()) {
      for (const each of declarations) {
        each.delete();
      }
    }
    this.#parsed.clear();
  }
}

/** The use of a name: its kind, file and line. */
export type User = Pick<Declaration, "kind" | "file" | "line" | "lines">;

/** Declarations by name: definitions, and prototypes without a definition. */
export class KernelSources {
  readonly #definitions = new Map<string, Declaration[]>();
  readonly #prototypes = new Map<string, Declaration>();
  readonly #active = new Map<string, { lines: readonly string[]; declarations: readonly Declaration[] }>();
  /** The files, in the order in which they are read. */
  readonly files: readonly string[];

  /**
   * @param more files to read in addition to those of the manifest
   * @throws DirectiveError for invalid preprocessor conditions
   */
  constructor(tree: KernelTree, options: KernelOptions, parsed: ParsedFiles, more: readonly string[] = []) {
    const preprocessor = new Preprocessor(options);
    const macros = new Map<string, Macro>();
    this.files = withMore(more);
    for (const file of this.files) {
      const option = BUILT_WITH[file];
      const isBuilt = option === undefined || options.options.has(option);
      const text = isBuilt ? tree.read(file) : undefined;
      if (text !== undefined) {
        const active = preprocessor.activeFile(file, text);
        const declarations = parsed.declarations(active, macros);
        this.#active.set(file, { lines: active.code.split("\n"), declarations });
        this.#add(declarations);
        for (const macro of active.macros) {
          if (macro.until === undefined) {
            macros.set(macro.name, macro);
          }
        }
      }
    }
  }

  #add(declarations: readonly Declaration[]): void {
    for (const declaration of declarations) {
      // A macro defined as its own name only marks that a function of that name exists.
      if (declaration.kind === "macro" && declaration.text.trimEnd().endsWith(` ${declaration.names[0]}`)) {
        continue;
      }
      for (const name of declaration.names) {
        if (declaration.kind === "prototype" || declaration.isExtern) {
          this.#prototypes.set(name, this.#prototypes.get(name) ?? declaration);
        } else {
          this.#definitions.set(name, [...(this.#definitions.get(name) ?? []), declaration]);
        }
      }
    }
  }

  /** Returns the definition of a name for a user; without a user, as visible through the headers. */
  definition(name: string, by?: User): Declaration | undefined {
    return this.meanings(name, by)[0];
  }

  /**
   * Returns the possible definitions of a name for a user. A definition in the user's file takes precedence over one in
   * a header, and that over one in another file. Several are returned if they differ and none takes precedence.
   */
  meanings(name: string, by?: User): readonly Declaration[] {
    const all = this.#definitions.get(name) ?? [];
    if (differing(all).length < 2) {
      return all.slice(0, 1);
    }
    const own = all.filter(({ file }) => file === by?.file);
    const headers = all.filter((each) => !own.includes(each) && each.file.endsWith(".h"));
    const elsewhere = all.filter((each) => !own.includes(each) && !headers.includes(each));
    if (by?.kind === "macro") {
      // Names in the body of a macro are resolved at each use of the macro.
      const visible = differing([...own, ...headers]);
      return visible.length > 0 ? visible : differing(elsewhere);
    }
    const lastLine = by === undefined ? 0 : by.line + by.lines.split("\n").length - 1;
    const active = activeOn(own, lastLine) ?? activeOn(headers, Number.POSITIVE_INFINITY);
    return active === undefined ? differing(elsewhere) : [active];
  }

  /** Whether a line is code, or part of a macro, that is active in this configuration. */
  isActive(file: string, line: number): boolean {
    const active = this.#active.get(file);
    return (
      (active?.lines[line - 1] ?? "").trim() !== "" ||
      active?.declarations.some((each) => each.kind === "macro" && contains(each, line)) === true
    );
  }

  /** Returns the declaration that contains a line. */
  around(file: string, line: number): Declaration | undefined {
    return this.#active.get(file)?.declarations.find((each) => contains(each, line));
  }

  /** Returns the prototype of a function or the extern declaration of a variable. */
  prototype(name: string): Declaration | undefined {
    return this.#prototypes.get(name);
  }
}

/** Adds files to those of the manifest: headers after the other headers, other files at the end. */
function withMore(more: readonly string[]): readonly string[] {
  const isHeader = (file: string): boolean => file.endsWith(".h");
  const position = FILES.indexOf(FIRST_AFTER_HEADERS);
  return [
    ...FILES.slice(0, position),
    ...more.filter(isHeader),
    ...FILES.slice(position),
    ...more.filter((file) => !isHeader(file)),
  ];
}

function contains({ line, lines }: Declaration, which: number): boolean {
  return line <= which && which < line + lines.split("\n").length;
}

/** Removes declarations with the same text as an earlier one. */
function differing(declarations: readonly Declaration[]): Declaration[] {
  const texts = declarations.map(({ text }) => text.replace(/\s+/g, " "));
  return declarations.filter((_, i) => texts.indexOf(texts[i] as string) === i);
}

/** Returns the definition of a name that is active on a line: a macro hides all others. */
function activeOn(declarations: readonly Declaration[], line: number): Declaration | undefined {
  const macro = declarations.findLast(
    (each) => each.kind === "macro" && each.line <= line && (each.until === undefined || each.until > line),
  );
  return macro ?? declarations.find(({ kind }) => kind !== "macro");
}
