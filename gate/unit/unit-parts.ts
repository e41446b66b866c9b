/** The unit of C for one configuration: the functions in scope, and by need what they use, from the tree or stood in for. */

import type { CParser } from "../tree/c-parser.ts";
import { type Declaration, Declarations, STAND_INS } from "../tree/declarations.ts";
import type { KernelOptions } from "../tree/kernel-options.ts";
import type { KernelSources, User } from "../tree/kernel-sources.ts";
import { LineSet } from "../tree/line-set.ts";
import { CALLED_BY_DRIVER, DRIVER_FIELDS, STRUCTS_TAKEN_IN_PART } from "../tree/manifest.ts";
import { type Macro, Preprocessor } from "../tree/preprocessor.ts";
import type { References } from "../tree/references.ts";
import { fieldNames } from "../tree/struct-fields.ts";
import type { WarningSite } from "../tree/warning-site.ts";
import { type UnnumberedSite, warningSitesOf } from "../tree/warning-sites.ts";
import { type OwnState, ownState } from "./static-state.ts";
import { type StructPart, structPart } from "./struct-part.ts";
import { type CStub, INSTEAD, OTHERWISE, PRELUDE } from "./stubs.ts";

/** A name that a function or type of the tree uses, and that is neither in the tree nor stood in for. */
export interface MissingSymbol {
  readonly name: string;
  /** What uses it. */
  readonly neededBy: string;
  /** Where that is, as `mm/rmap.c:1226`. */
  readonly place: string;
  /** Whether the tree declares it somewhere: then only its definition is in none of the files that are read. */
  readonly declared: boolean;
}

/** A name that means two things in the code of one unit, or may. */
export interface AmbiguousName {
  readonly name: string;
  /** Where it is defined, as `mm/rmap.c:1226`. */
  readonly places: readonly string[];
}

/** Everything that a unit consists of. */
export interface UnitParts {
  readonly source: string;
  readonly warnings: readonly WarningSite[];
  /** All functions of the tree that are in the unit, those in scope first. */
  readonly functions: readonly Declaration[];
  /** Names of the functions that the driver calls for its own work, and of those that they call. */
  readonly harnessFunctions: readonly string[];
  /** What a function depends on besides other functions: macros, types and variables, directly and through each other. */
  readonly surroundings: (declaration: Declaration) => readonly Declaration[];
  /** What a name means in this unit, or would mean, to a user at the end of a file. */
  readonly definition: (name: string, file: string) => Declaration | undefined;
  readonly missing: readonly MissingSymbol[];
  /** Names that nobody defines, and that may be of no concern: macros name fields and parts of names, too. */
  readonly unresolved: readonly string[];
  readonly ambiguous: readonly AmbiguousName[];
  /** What the tree's code keeps outside of the struct pages. */
  readonly ownState: readonly OwnState[];
  /** Names of the fields of a struct that is in the unit as the tree has it. */
  readonly fieldsOf: (tag: string) => readonly string[];
  /** The lines of the tree that the unit has, or is made of. */
  readonly lines: LineSet;
}

/** Declarations of stand-ins. */
export interface StubIndex {
  /** Names of what every unit begins with. */
  readonly prelude: ReadonlyMap<string, Declaration>;
  readonly instead: ReadonlyMap<string, Declaration>;
  readonly otherwise: ReadonlyMap<string, Declaration>;
}

/**
 * The stand-ins, by name.
 *
 * @param further used instead of what the tree has, besides those of every unit
 */
export function stubsOf(parser: CParser, options: KernelOptions, further: readonly CStub[] = []): StubIndex {
  const byName = (groups: readonly CStub[], file: string): Map<string, Declaration> => {
    const active = new Preprocessor(options).activeFile(file, groups.map(({ text }) => text).join("\n"));
    const { all } = new Declarations(parser, active, new Map<string, Macro>());
    return new Map(all.flatMap((each) => each.names.map((name) => [name, each])));
  };
  return {
    prelude: byName(PRELUDE, `${STAND_INS}/prelude.c`),
    instead: byName([...INSTEAD, ...further], `${STAND_INS}/instead.c`),
    otherwise: byName(OTHERWISE, `${STAND_INS}/otherwise.c`),
  };
}

/** What a unit must have, as far as the tree has it. */
interface Wanted {
  /** Functions in scope. */
  readonly functions: readonly { readonly name: string; readonly file: string }[];
  /** Further names, and tags of types. */
  readonly names: readonly string[];
}

/** Puts a unit together. */
export function unitOf(options: KernelOptions, sources: KernelSources, stubs: StubIndex, wanted: Wanted): UnitParts {
  const closure = new Closure(sources, stubs);
  const functions = wanted.functions.flatMap(({ name, file }) => closure.want(name, undefined, endOf(file)) ?? []);
  for (const name of wanted.names) {
    closure.want(name, undefined);
  }
  closure.complete();
  return written(options, closure, stubs, functions, sources.files);
}

/** Somebody who sees all of a file. */
function endOf(file: string): User {
  return { kind: "function", file, line: Number.POSITIVE_INFINITY, lines: "" };
}

/** Takes what is wanted, and what that wants, until nothing is missing any more or it is known to be. */
class Closure {
  readonly #sources: KernelSources;
  readonly #stubs: StubIndex;
  readonly taken = new Set<Declaration>();
  readonly opaqueTags = new Set<string>();
  readonly missing: MissingSymbol[] = [];
  readonly ambiguous: AmbiguousName[] = [];
  readonly parts = new Map<Declaration, StructPart>();
  readonly unresolved = new Set<string>();
  readonly #fields = new Set<string>(DRIVER_FIELDS);
  readonly #queue: Declaration[] = [];
  readonly #meanings = new Map<string, Declaration>();

  constructor(sources: KernelSources, stubs: StubIndex) {
    this.#sources = sources;
    this.#stubs = stubs;
  }

  /** The declaration behind a name, where it is used; undefined for what the prelude has, and for what is nowhere. */
  resolve(name: string, by: User | undefined): Declaration | undefined {
    const { prelude, instead, otherwise } = this.#stubs;
    return prelude.has(name)
      ? undefined
      : (instead.get(name) ?? this.#sources.definition(name, by) ?? otherwise.get(name) ?? undefined);
  }

  /**
   * @param by what has to have it
   * @param from who means it
   */
  want(name: string, by: Declaration | undefined, from: User | undefined = by): Declaration | undefined {
    const found = this.resolve(name, from);
    if (found === undefined) {
      this.#miss(name, by);
      return undefined;
    }
    this.#note(name, found, from);
    if (!this.taken.has(found)) {
      this.taken.add(found);
      this.#queue.push(found);
    }
    return found;
  }

  /** In one unit a name has one meaning: it is noted where it would need two, or where it is not known which it has. */
  #note(name: string, found: Declaration, from: User | undefined): void {
    const { instead } = this.#stubs;
    const known = this.#meanings.get(name) ?? found;
    this.#meanings.set(name, known);
    const meanings = instead.has(name) ? [] : this.#sources.meanings(name, from);
    const places = new Set([known, found, ...meanings].map(({ file, line }) => `${file}:${line}`));
    if (places.size > 1 && (meanings.length > 1 || known.text !== found.text)) {
      this.ambiguous.push({ name, places: [...places] });
    }
  }

  #called(name: string, by: Declaration): Declaration | undefined {
    return this.#stubs.prelude.get(name) ?? this.resolve(name, by);
  }

  /** Notes what a piece of C needs and nobody has. Tokens of a macro may be anything: the compiler will tell. */
  #miss(name: string, by: Declaration | undefined): void {
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
      this.want(name, mayBeAnything ? undefined : by, by);
      if (mayBeAnything) {
        this.#fields.add(name);
      }
    }
    for (const tag of tags) {
      this.want(tag, by);
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

  /** Takes those fields of structs that somebody names by now; says whether that gave anything new to look at. */
  #reduceStructs(): boolean {
    for (const declaration of [...this.taken]) {
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

/** Text with the line of the tree from which it is. */
function located(declaration: Declaration, text: string): string {
  return `#line ${declaration.line} "${declaration.file}"\n${text}`;
}

/**
 * A function that remembers that it ran.
 *
 * @param isDrivers whether the driver calls it for itself as well: what is called while that is quiet does not count
 */
function markedAsRun({ names: [name], head, text }: Declaration, isDrivers: boolean): string {
  const body = text.indexOf("{", head.length) + 1;
  const mark = isDrivers ? `gate_ran_${name} |= !gate_quiet;` : `gate_ran_${name} = 1;`;
  return `${text.slice(0, body)} ${mark} ${text.slice(body)}`;
}

/** Functions that the driver calls for itself, and those that they call. */
function harnessFunctions(
  functions: readonly Declaration[],
  dependencies: (each: Declaration) => readonly Declaration[],
): ReadonlySet<Declaration> {
  const found = new Set(functions.filter(({ names }) => names.some((name) => CALLED_BY_DRIVER.includes(name))));
  for (const each of found) {
    for (const next of dependencies(each)) {
      found.add(next);
    }
  }
  return found;
}

/** Tells whether a function ever ran. */
function hasRun(name: string): string {
  return `__attribute__((export_name("ran_${name}"), no_instrument_function)) int gate_has_run_${name}(void) { return gate_ran_${name}; }`;
}

/** What follows in the source of a unit are the functions of the tree: what is defined before it takes effect in all of them. */
export const FUNCTIONS_BEGIN = "/* Functions of the tree. */";

function written(
  { options }: KernelOptions,
  closure: Closure,
  stubs: StubIndex,
  inScope: readonly Declaration[],
  files: readonly string[],
): UnitParts {
  /** A number for a file, as part of the name of a place that warns. */
  const fileNumber = (file: string): number => files.indexOf(file) + 1;
  const ordered = [...closure.taken].sort(
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
        const found = closure.resolve(name, each);
        return found === undefined || found === each ? [] : [found];
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

  const drivers = harnessFunctions(functions, dependencies);
  const defines = [...options].map((option) => `#define ${option} 1`);
  const opaque = [...closure.opaqueTags].sort().map((tag) => `${tag};`);
  const text = [
    ...defines,
    `#line 1 "${STAND_INS}/prelude.c"`,
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
    "/* Whether the driver itself is at work: calls of the tree are not its own then. */\nint gate_quiet;",
    ...functions.map((each) => `int gate_ran_${each.names[0]};`),
    FUNCTIONS_BEGIN,
    ...functions.flatMap((each) => [
      "#undef GATE_FILE",
      `#define GATE_FILE ${fileNumber(each.file)}`,
      located(each, markedAsRun(each, drivers.has(each))),
    ]),
    ...functions.map((each) => hasRun(each.names[0] as string)),
  ];
  return {
    source: `${text.join("\n")}\n`,
    warnings: sites.map(({ site }) => site),
    functions: [...new Set([...inScope.filter(({ kind }) => kind === "function"), ...functions])],
    harnessFunctions: [...drivers].flatMap(({ kind, names }) => (kind === "function" ? names : [])),
    surroundings: (each) => surroundingsOf(each, (one) => [...dependencies(one), ...lookedInto(one, closure)]),
    definition: (name, file) => closure.resolve(name, endOf(file)),
    missing: closure.missing,
    unresolved: [...closure.unresolved],
    ambiguous: closure.ambiguous,
    ownState: ownState(
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

/** Of structs that are taken in part, the lines of the fields that are taken. */
function linesOf({ taken, parts }: Closure): LineSet {
  const result = new LineSet();
  for (const declaration of taken) {
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

/** Types, each after those it consists of: also those that it only gets at through macros. */
function inDependencyOrder(
  types: readonly Declaration[],
  dependencies: (each: Declaration) => readonly Declaration[],
): Declaration[] {
  const ordered = new Set<Declaration>();
  const seen = new Set<Declaration>();
  const visit = (each: Declaration): void => {
    if (seen.has(each) || each.kind === "function" || each.kind === "variable") {
      return;
    }
    seen.add(each);
    dependencies(each).forEach(visit);
    if (each.kind === "type") {
      ordered.add(each);
    }
  };
  types.forEach(visit);
  return [...ordered];
}

/** Structs that a function or macro has pointers to, and whose fields it names. */
function lookedInto(declaration: Declaration, closure: Closure): Declaration[] {
  if (declaration.kind !== "function" && declaration.kind !== "macro") {
    return [];
  }
  const { opaqueTags, fields } = declaration.references();
  return [...opaqueTags].flatMap((tag) => {
    const type = closure.resolve(tag, declaration);
    // Of a struct that is taken in part, most fields are of no concern to anybody here.
    const isWhole = type !== undefined && closure.taken.has(type) && tagTakenInPart(type) === undefined;
    return isWhole && [...fields].some((field) => new RegExp(`\\b${field}\\b`).test(type.text)) ? [type] : [];
  });
}

function surroundingsOf(
  declaration: Declaration,
  dependencies: (each: Declaration) => readonly Declaration[],
): readonly Declaration[] {
  const found = new Set<Declaration>();
  const visit = (each: Declaration): void => {
    for (const next of dependencies(each)) {
      if (next.kind !== "function" && !found.has(next)) {
        found.add(next);
        visit(next);
      }
    }
  };
  visit(declaration);
  return [...found];
}

/** Names of macros that warn, by themselves or through others. */
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

/** Numbers places, from 1: those that the compiler calls by one line are one. */
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
