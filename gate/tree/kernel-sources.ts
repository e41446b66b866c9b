/** Everything that a tree declares, as one configuration sees it, by name. */
import type { CParser } from "./c-parser.ts";
import { type Declaration, Declarations } from "./declarations.ts";
import type { KernelOptions } from "./kernel-options.ts";
import type { KernelTree } from "./kernel-tree.ts";
import { BUILT_WITH, FILES, FIRST_AFTER_HEADERS } from "./manifest.ts";
import { type ActiveFile, type Macro, Preprocessor } from "./preprocessor.ts";

/** Parses a file once for all configurations that see the same text of it. */
export class ParsedFiles {
  readonly #parser: CParser;
  /** By what a file is to a configuration; more than one where macros of other files made a difference. */
  readonly #parsed = new Map<string, Declarations[]>();

  constructor(parser: CParser) {
    this.#parser = parser;
  }

  declarations(file: ActiveFile, macrosBefore: ReadonlyMap<string, Macro>): readonly Declaration[] {
    const key = [file.file, file.code, ...file.macros.map(({ text }) => text)].join("\0");
    const known = this.#parsed.get(key) ?? [];
    let found = known.find((each) => each.areTheSameAfter(macrosBefore));
    if (found === undefined) {
      found = new Declarations(this.#parser, file, macrosBefore);
      this.#parsed.set(key, [...known, found]);
    }
    return found.all;
  }

  /** Frees what the parser holds. */
  delete(): void {
    for (const declarations of this.#parsed.values()) {
      for (const each of declarations) {
        each.delete();
      }
    }
    this.#parsed.clear();
  }
}

/** Who uses a name: on which line of which file. */
export type User = Pick<Declaration, "kind" | "file" | "line" | "lines">;

/** Declarations by name: definitions, and what is only declared. */
export class KernelSources {
  readonly #definitions = new Map<string, Declaration[]>();
  readonly #prototypes = new Map<string, Declaration>();
  readonly #active = new Map<string, { lines: readonly string[]; declarations: readonly Declaration[] }>();
  /** The files, in the order in which they are looked through. */
  readonly files: readonly string[];

  /**
   * @param more files to look through besides those of the manifest
   * @throws DirectiveError for conditions that make no sense
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
      // A macro that stands for its own name only says that there is a function of that name.
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

  /** What a name means where somebody uses it, or to those who only know the headers. */
  definition(name: string, by?: User): Declaration | undefined {
    return this.meanings(name, by)[0];
  }

  /**
   * What a name may mean to its user: the definition of the user's own file counts more than those of headers, and those more
   * than those of other files. Several when it cannot be told which of them it is, and they differ.
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
      // What its body means is decided where it is used.
      const visible = differing([...own, ...headers]);
      return visible.length > 0 ? visible : differing(elsewhere);
    }
    const lastLine = by === undefined ? 0 : by.line + by.lines.split("\n").length - 1;
    const found = activeOn(own, lastLine) ?? activeOn(headers, Number.POSITIVE_INFINITY);
    return found === undefined ? differing(elsewhere) : [found];
  }

  /** Whether a line is code that this configuration has, or part of a macro that it has. */
  isActive(file: string, line: number): boolean {
    const active = this.#active.get(file);
    return (
      (active?.lines[line - 1] ?? "").trim() !== "" ||
      active?.declarations.some((each) => each.kind === "macro" && contains(each, line)) === true
    );
  }

  /** What a line of a file is a part of. */
  around(file: string, line: number): Declaration | undefined {
    return this.#active.get(file)?.declarations.find((each) => contains(each, line));
  }

  /** A function or variable that is declared, and defined in no file that the gate reads. */
  prototype(name: string): Declaration | undefined {
    return this.#prototypes.get(name);
  }
}

/** Headers that are looked at besides come after the other headers, and other files last. */
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

/** The first of those that say the same. */
function differing(declarations: readonly Declaration[]): Declaration[] {
  const texts = declarations.map(({ text }) => text.replace(/\s+/g, " "));
  return declarations.filter((_, i) => texts.indexOf(texts[i] as string) === i);
}

/** Which of the definitions of a name counts on a line: a macro hides everything else. */
function activeOn(declarations: readonly Declaration[], line: number): Declaration | undefined {
  const macro = declarations.findLast(
    (each) => each.kind === "macro" && each.line <= line && (each.until === undefined || each.until > line),
  );
  return macro ?? declarations.find(({ kind }) => kind !== "macro");
}
