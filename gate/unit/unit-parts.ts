/**
 * Builds the translation unit for one configuration: the functions in scope and their dependencies, from the tree or
 * stubs.
 */

import type { CParser } from "../tree/c-parser.ts";
import { type Declaration, Declarations, STUB_FOLDER } from "../tree/declarations.ts";
import type { KernelOptions } from "../tree/kernel-options.ts";
import type { KernelSources, User } from "../tree/kernel-sources.ts";
import { LineSet } from "../tree/line-set.ts";
import { CALLED_BY_HARNESS, HARNESS_FIELDS, STRUCTS_TAKEN_IN_PART } from "../tree/manifest.ts";
import { type Macro, Preprocessor } from "../tree/preprocessor.ts";
import type { References } from "../tree/references.ts";
import { fieldNames } from "../tree/struct-fields.ts";
import type { WarningSite } from "../tree/warning-site.ts";
import { type UnnumberedSite, warningSitesOf } from "../tree/warning-sites.ts";
import { type StaticState, staticState } from "./static-state.ts";
import { type StructPart, structPart } from "./struct-part.ts";
import { type CStub, INSTEAD, OTHERWISE, PRELUDE } from "./stubs.ts";

/** A name that a function or type of the tree uses, and that neither the tree nor a stub defines. */
export interface MissingSymbol {
  readonly name: string;
  /** Name of the declaration that uses it. */
  readonly neededBy: string;
  /** Place of that declaration, as `mm/rmap.c:1226`. */
  readonly place: string;
  /** Whether the tree declares it: then only its definition is outside of the files that the gate reads. */
  readonly declared: boolean;
}

/** A name that has, or may have, two meanings in one unit. */
export interface AmbiguousName {
  readonly name: string;
  /** Places of its definitions, as `mm/rmap.c:1226`. */
  readonly places: readonly string[];
}

/** A translation unit, with information about its contents. */
export interface UnitParts {
  readonly source: string;
  readonly warnings: readonly WarningSite[];
  /** All functions of the tree in the unit, those in scope first. */
  readonly functions: readonly Declaration[];
  /** Names of the functions of the tree that the harness itself uses, and of those that they call. */
  readonly harnessFunctions: readonly string[];
  /** Returns the macros, types and variables that a function depends on, directly or transitively. */
  readonly surroundings: (declaration: Declaration) => readonly Declaration[];
  /** Returns the declaration of a name in this unit, as visible at the end of a file. */
  readonly definition: (name: string, file: string) => Declaration | undefined;
  readonly missing: readonly MissingSymbol[];
  /** Names without a definition. Some are harmless: macros contain names of fields and parts of names, too. */
  readonly unresolved: readonly string[];
  readonly ambiguous: readonly AmbiguousName[];
  /** Static state of the tree's code. */
  readonly staticState: readonly StaticState[];
  /** Returns the names of the fields of a struct that is in the unit unreduced. */
  readonly fieldsOf: (tag: string) => readonly string[];
  /** The lines of the tree that the unit contains. */
  readonly lines: LineSet;
}

/** Declarations of the stubs, by name. */
export interface StubIndex {
  /** Stubs at the start of every unit. */
  readonly prelude: ReadonlyMap<string, Declaration>;
  readonly instead: ReadonlyMap<string, Declaration>;
  readonly otherwise: ReadonlyMap<string, Declaration>;
}

/**
 * Parses the stubs.
 *
 * @param further additional stubs that replace declarations of the tree
 */
export function stubsOf(parser: CParser, options: KernelOptions, further: readonly CStub[] = []): StubIndex {
  const byName = (groups: readonly CStub[], file: string): Map<string, Declaration> => {
    const active = new Preprocessor(options).activeFile(file, groups.map(({ text }) => text).join("\n"));
    const { all } = new Declarations(parser, active, new Map<string, Macro>());
    return new Map(all.flatMap((each) => each.names.map((name) => [name, each])));
  };
  return {
    prelude: byName(PRELUDE, `${STUB_FOLDER}/prelude.c`),
    instead: byName([...INSTEAD, ...further], `${STUB_FOLDER}/instead.c`),
    otherwise: byName(OTHERWISE, `${STUB_FOLDER}/otherwise.c`),
  };
}

/** Contents that a unit must have, if the tree has them. */
interface RequiredDeclarations {
  /** Functions in scope. */
  readonly functions: readonly { readonly name: string; readonly file: string }[];
  /** Further names, and tags of types. */
  readonly names: readonly string[];
}

/** Builds a unit. */
export function unitOf(
  options: KernelOptions,
  sources: KernelSources,
  stubs: StubIndex,
  required: RequiredDeclarations,
): UnitParts {
  const closure = new Closure(sources, stubs);
  const functions = required.functions.flatMap(({ name, file }) => closure.add(name, undefined, endOf(file)) ?? []);
  for (const name of required.names) {
    closure.add(name, undefined);
  }
  closure.complete();
  return unitFrom(options, closure, stubs, functions, sources.files);
}

/** Returns a user that sees all declarations of a file. */
function endOf(file: string): User {
  return { kind: "function", file, line: Number.POSITIVE_INFINITY, lines: "" };
}

/** Computes the transitive closure of the required declarations. */
class Closure {
  readonly #sources: KernelSources;
  readonly #stubs: StubIndex;
  readonly members = new Set<Declaration>();
  readonly opaqueTags = new Set<string>();
  readonly missing: MissingSymbol[] = [];
  readonly ambiguous: AmbiguousName[] = [];
  readonly parts = new Map<Declaration, StructPart>();
  readonly unresolved = new Set<string>();
  readonly #fields = new Set<string>(HARNESS_FIELDS);
  readonly #queue: Declaration[] = [];
  readonly #meanings = new Map<string, Declaration>();

  constructor(sources: KernelSources, stubs: StubIndex) {
    this.#sources = sources;
    this.#stubs = stubs;
  }

  /** Returns the declaration of a name as seen by a user; undefined if the prelude defines it or nothing does. */
  resolve(name: string, by: User | undefined): Declaration | undefined {
    const { prelude, instead, otherwise } = this.#stubs;
    return prelude.has(name)
      ? undefined
      : (instead.get(name) ?? this.#sources.definition(name, by) ?? otherwise.get(name) ?? undefined);
  }

  /**
   * Adds the declaration of a name.
   *
   * @param by the declaration that requires it; undefined if it may be missing
   * @param from the user whose scope resolves the name
   */
  add(name: string, by: Declaration | undefined, from: User | undefined = by): Declaration | undefined {
    const declaration = this.resolve(name, from);
    if (declaration === undefined) {
      this.#recordMissing(name, by);
      return undefined;
    }
    this.#recordAmbiguity(name, declaration, from);
    if (!this.members.has(declaration)) {
      this.members.add(declaration);
      this.#queue.push(declaration);
    }
    return declaration;
  }

  /** Records a name that needs two meanings in the unit, or whose meaning is uncertain: a unit can have one only. */
  #recordAmbiguity(name: string, declaration: Declaration, from: User | undefined): void {
    const { instead } = this.#stubs;
    const first = this.#meanings.get(name) ?? declaration;
    this.#meanings.set(name, first);
    const meanings = instead.has(name) ? [] : this.#sources.meanings(name, from);
    const places = new Set([first, declaration, ...meanings].map(({ file, line }) => `${file}:${line}`));
    if (places.size > 1 && (meanings.length > 1 || first.text !== declaration.text)) {
      this.ambiguous.push({ name, places: [...places] });
    }
  }

  #called(name: string, by: Declaration): Declaration | undefined {
    return this.#stubs.prelude.get(name) ?? this.resolve(name, by);
  }

  /** Records a name without a definition. For names in macros, which may be anything, the compiler reports an error. */
  #recordMissing(name: string, by: Declaration | undefined): void {
    if (this.#stubs.prelude.has(name)) {
      return;
    }
    this.unresolved.add(name);
    if (by === undefined || by.kind === "macro" || this.missing.some((each) => each.name === name)) {
      return;
    }
    this.missing.push({
      name,
      neededBy: by.names[0] as string,
      place: `${by.file}:${by.line}`,
      declared: this.#sources.prototype(name) !== undefined,
    });
  }

  complete(): void {
    for (let grown = true; grown; ) {
      for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
        if (tagTakenInPart(next) === undefined) {
          this.#follow(next.references(), next);
        }
      }
      grown = this.#reduceStructs();
    }
  }

  #follow({ names, tags, opaqueTags, fields, argumentsOnly }: References, by: Declaration): void {
    for (const name of names) {
      const places = argumentsOnly.get(name) ?? [];
      const everywhere = (test: (call: string) => boolean): boolean =>
        places.length > 0 && places.every((calls) => calls.some(test));
      if (everywhere((call) => this.#called(call, by)?.ignoresArguments === true)) {
        continue;
      }
      const mayBeAnything = everywhere((call) => call === "" || this.#called(call, by)?.kind === "macro");
      this.add(name, mayBeAnything ? undefined : by, by);
      if (mayBeAnything) {
        this.#fields.add(name);
      }
    }
    for (const tag of tags) {
      this.add(tag, by);
    }
    for (const tag of opaqueTags) {
      this.opaqueTags.add(tag);
    }
    if (by.kind === "function" || by.kind === "macro") {
      for (const field of fields) {
        this.#fields.add(field);
      }
    }
  }

  /**
   * Reduces structs to the fields used so far, and follows the references of these fields.
   *
   * @returns whether that added declarations
   */
  #reduceStructs(): boolean {
    for (const declaration of [...this.members]) {
      const tag = tagTakenInPart(declaration);
      if (tag !== undefined) {
        const part = structPart(declaration, tag, this.#fields);
        this.parts.set(declaration, part);
        for (const references of part.references) {
          this.#follow({ ...references, fields: new Set() }, declaration);
        }
      }
    }
    return this.#queue.length > 0;
  }
}

function tagTakenInPart(declaration: Declaration): string | undefined {
  return declaration.kind === "type"
    ? declaration.names.find((name) => STRUCTS_TAKEN_IN_PART.includes(name))
    : undefined;
}

/** Prefixes text with a #line directive for its place in the tree. */
function located(declaration: Declaration, text: string): string {
  return `#line ${declaration.line} "${declaration.file}"\n${text}`;
}

/**
 * Adds a statement to a function that records its execution.
 *
 * @param isHarnessFunction whether the harness itself uses it: calls while `gate_quiet` is set do not count
 */
function markedAsRun({ names: [name], head, text }: Declaration, isHarnessFunction: boolean): string {
  const body = text.indexOf("{", head.length) + 1;
  const mark = isHarnessFunction ? `gate_ran_${name} |= !gate_quiet;` : `gate_ran_${name} = 1;`;
  return `${text.slice(0, body)} ${mark} ${text.slice(body)}`;
}

/** Returns the functions that the harness itself uses, with all their dependencies. */
function harnessFunctions(
  functions: readonly Declaration[],
  dependencies: (each: Declaration) => readonly Declaration[],
): ReadonlySet<Declaration> {
  const result = new Set(functions.filter(({ names }) => names.some((name) => CALLED_BY_HARNESS.includes(name))));
  for (const each of result) {
    for (const next of dependencies(each)) {
      result.add(next);
    }
  }
  return result;
}

/** Returns an exported C function that returns whether a function has run. */
function hasRun(name: string): string {
  return `__attribute__((export_name("ran_${name}"), no_instrument_function)) int gate_has_run_${name}(void) { return gate_ran_${name}; }`;
}

/**
 * Separates the declarations of a unit from the functions of the tree: a definition before it affects all functions.
 */
export const FUNCTIONS_BEGIN = "/* Functions of the tree. */";

function unitFrom(
  { options }: KernelOptions,
  closure: Closure,
  stubs: StubIndex,
  inScope: readonly Declaration[],
  files: readonly string[],
): UnitParts {
  /** Returns the number of a file, which is part of the name of a warning site. */
  const fileNumber = (file: string): number => files.indexOf(file) + 1;
  const ordered = [...closure.members].sort(
    (one, other) => fileNumber(one.file) - fileNumber(other.file) || one.line - other.line,
  );
  const ofKind = (kind: Declaration["kind"]): Declaration[] => ordered.filter((each) => each.kind === kind);
  const functions = ofKind("function");
  const macros = ofKind("macro");
  const dependencies = (each: Declaration): Declaration[] => {
    const references = closure.parts.get(each)?.references ?? [each.references()];
    return references
      .flatMap(({ names, tags }) => [...names, ...tags])
      .flatMap((name) => {
        const declaration = closure.resolve(name, each);
        return declaration === undefined || declaration === each ? [] : [declaration];
      });
  };

  const macroNamed = new Map(
    [...stubs.prelude.values(), ...macros].filter(isMacro).map((each) => [each.names[0], each]),
  );
  const warns = warningMacros([...macroNamed.values()]);
  const sites = numbered(
    functions.flatMap((each) =>
      warningSitesOf(
        each,
        (name) => macroNamed.has(name),
        (name) => warns.has(name),
      ),
    ),
  );
  const enumerators = sites.map(
    ({ site: { id, file }, compiledLine }) => `gate_site_${fileNumber(file)}_${compiledLine} = ${id},`,
  );

  const usedByHarness = harnessFunctions(functions, dependencies);
  const defines = [...options].map((option) => `#define ${option} 1`);
  const opaque = [...closure.opaqueTags].sort().map((tag) => `${tag};`);
  const text = [
    ...defines,
    `#line 1 "${STUB_FOLDER}/prelude.c"`,
    ...PRELUDE.map((each) => each.text),
    ...opaque,
    ...macros.map((each) => located(each, each.text)),
    ...inDependencyOrder(ofKind("type"), dependencies).map((each) =>
      located(each, closure.parts.get(each)?.text ?? each.text),
    ),
    `enum gate_site { gate_site_none, ${enumerators.join(" ")} };`,
    ...functions.map((each) => located(each, `${each.head};`)),
    ...ofKind("prototype").map((each) => located(each, each.text)),
    ...ofKind("variable").map((each) => located(each, each.text)),
    "/* Whether the harness itself runs: calls are not recorded. */\nint gate_quiet;",
    ...functions.map((each) => `int gate_ran_${each.names[0]};`),
    FUNCTIONS_BEGIN,
    ...functions.flatMap((each) => [
      "#undef GATE_FILE",
      `#define GATE_FILE ${fileNumber(each.file)}`,
      located(each, markedAsRun(each, usedByHarness.has(each))),
    ]),
    ...functions.map((each) => hasRun(each.names[0] as string)),
  ];
  return {
    source: `${text.join("\n")}\n`,
    warnings: sites.map(({ site }) => site),
    functions: [...new Set([...inScope.filter(({ kind }) => kind === "function"), ...functions])],
    harnessFunctions: [...usedByHarness].flatMap(({ kind, names }) => (kind === "function" ? names : [])),
    surroundings: (each) => surroundingsOf(each, (one) => [...dependencies(one), ...dereferencedStructs(one, closure)]),
    definition: (name, file) => closure.resolve(name, endOf(file)),
    missing: closure.missing,
    unresolved: [...closure.unresolved],
    ambiguous: closure.ambiguous,
    staticState: staticState(
      [...functions, ...macros].filter(({ isStub }) => !isStub),
      (name, by) => stubs.prelude.get(name) ?? closure.resolve(name, by),
    ),
    fieldsOf: (tag) => {
      const definition = closure.resolve(tag, undefined);
      return (definition && fieldNames(definition)) ?? [];
    },
    lines: linesOf(closure),
  };
}

/** Returns the lines of the tree in a unit; for reduced structs, the lines of the remaining fields. */
function linesOf({ members, parts }: Closure): LineSet {
  const result = new LineSet();
  for (const declaration of members) {
    const { file, line, lines, isStub } = declaration;
    const part = parts.get(declaration)?.text;
    const texts = isStub ? [] : lines.split("\n").map((text) => text.trim());
    texts.forEach((text, i) => {
      if (text !== "" && (part === undefined || part.includes(text))) {
        result.add(file, line + i);
      }
    });
    if (!isStub && part === undefined) {
      result.addAround({ file, line, endLine: line + texts.length - 1 });
    }
  }
  return result;
}

function isMacro({ kind }: Declaration): boolean {
  return kind === "macro";
}

/** Sorts types so that each comes after the types it contains, also through macros. */
function inDependencyOrder(
  types: readonly Declaration[],
  dependencies: (each: Declaration) => readonly Declaration[],
): Declaration[] {
  const ordered = new Set<Declaration>();
  const visited = new Set<Declaration>();
  const visit = (each: Declaration): void => {
    if (visited.has(each) || each.kind === "function" || each.kind === "variable") {
      return;
    }
    visited.add(each);
    dependencies(each).forEach(visit);
    if (each.kind === "type") {
      ordered.add(each);
    }
  };
  types.forEach(visit);
  return [...ordered];
}

/** Returns the structs whose fields a function or macro accesses through pointers. */
function dereferencedStructs(declaration: Declaration, closure: Closure): Declaration[] {
  if (declaration.kind !== "function" && declaration.kind !== "macro") {
    return [];
  }
  const { opaqueTags, fields } = declaration.references();
  return [...opaqueTags].flatMap((tag) => {
    const type = closure.resolve(tag, declaration);
    // A reduced struct does not count: most of its fields are unused.
    const isWhole = type !== undefined && closure.members.has(type) && tagTakenInPart(type) === undefined;
    return isWhole && [...fields].some((field) => new RegExp(`\\b${field}\\b`).test(type.text)) ? [type] : [];
  });
}

function surroundingsOf(
  declaration: Declaration,
  dependencies: (each: Declaration) => readonly Declaration[],
): readonly Declaration[] {
  const surroundings = new Set<Declaration>();
  const visit = (each: Declaration): void => {
    for (const next of dependencies(each)) {
      if (next.kind !== "function" && !surroundings.has(next)) {
        surroundings.add(next);
        visit(next);
      }
    }
  };
  visit(declaration);
  return [...surroundings];
}

/** Returns the names of macros that warn, directly or through others. */
function warningMacros(macros: readonly Declaration[]): ReadonlySet<string> {
  const warns = new Set(["GATE_WARN"]);
  for (let before = 0; before < warns.size; ) {
    before = warns.size;
    for (const macro of macros) {
      if ([...macro.references().names].some((name) => warns.has(name))) {
        warns.add(macro.names[0] as string);
      }
    }
  }
  return warns;
}

/** Numbers the warning sites from 1. Sites to which the compiler assigns the same line are one. */
function numbered(sites: readonly UnnumberedSite[]): { site: WarningSite; compiledLine: number }[] {
  const byPlace = new Map<string, { site: WarningSite; compiledLine: number }>();
  for (const { file, line, text, compiledLine } of sites) {
    const place = `${file}:${compiledLine}`;
    if (!byPlace.has(place)) {
      byPlace.set(place, { site: { id: byPlace.size + 1, file, line, text }, compiledLine });
    }
  }
  return [...byPlace.values()];
}
