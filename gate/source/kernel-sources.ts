/** Everything that a tree declares, as one configuration sees it, by name. */
import type { CParser } from "./c-parser.ts";
import { type Declaration, Declarations } from "./declarations.ts";
import type { KernelTree } from "./kernel-tree.ts";
import { FILES } from "./manifest.ts";
import type { KernelOptions } from "./options.ts";
import { type ActiveFile, type Macro, Preprocessor } from "./preprocessor.ts";

/** Parses a file once for all configurations that see the same text of it. */
export class ParsedFiles {
  readonly #parser: CParser;
  readonly #parsed = new Map<string, Declarations>();

  constructor(parser: CParser) {
    this.#parser = parser;
  }

  declarations(file: ActiveFile, macrosBefore: ReadonlyMap<string, Macro>): readonly Declaration[] {
    const key = [file.file, file.code, ...file.macros.map(({ text }) => text)].join("\0");
    let found = this.#parsed.get(key);
    if (found === undefined) {
      found = new Declarations(this.#parser, file, macrosBefore);
      this.#parsed.set(key, found);
    }
    return found.all;
  }

  /** Frees what the parser holds. */
  delete(): void {
    for (const declarations of this.#parsed.values()) {
      declarations.delete();
    }
    this.#parsed.clear();
  }
}

/** Declarations by name: definitions, and what is only declared. */
export class KernelSources {
  readonly #definitions = new Map<string, Declaration>();
  readonly #prototypes = new Map<string, Declaration>();

  /** @throws DirectiveError for conditions that make no sense */
  constructor(tree: KernelTree, options: KernelOptions, parsed: ParsedFiles) {
    const preprocessor = new Preprocessor(options);
    const macros = new Map<string, Macro>();
    for (const file of FILES) {
      const text = tree.read(file);
      if (text !== undefined) {
        const active = preprocessor.activeFile(file, text);
        this.#add(parsed.declarations(active, macros));
        for (const macro of active.macros) {
          macros.set(macro.name, macros.get(macro.name) ?? macro);
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
      const where = declaration.kind === "prototype" ? this.#prototypes : this.#definitions;
      for (const name of declaration.names) {
        if (!where.has(name)) {
          where.set(name, declaration);
        }
      }
    }
  }

  definition(name: string): Declaration | undefined {
    return this.#definitions.get(name);
  }

  /** A function that is declared, and defined in no file that the gate reads. */
  prototype(name: string): Declaration | undefined {
    return this.#prototypes.get(name);
  }
}
