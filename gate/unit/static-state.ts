/** Static state: mutable variables of the C code that persist between calls. The gate cannot observe them. */
import type { Node } from "../tree/c-parser.ts";
import type { Declaration } from "../tree/declarations.ts";
import { declaredNames } from "../tree/references.ts";

/** A variable of static state. */
export interface StaticState {
  readonly variable: string;
  /** The function or macro that writes or defines it. */
  readonly function: string;
  /** Place of the write or of the definition, as `mm/rmap.c:1226`. */
  readonly place: string;
}

type Resolve = (name: string, by: Declaration) => Declaration | undefined;

/**
 * Finds static state: non-constant static variables inside of functions and macros; and global variables that code may
 * write: it assigns to them, takes their address, passes them as an array, or passes them to a macro.
 *
 * @param resolve returns the declaration of a name as used by a function: from the tree or from a stub
 */
export function staticState(declarations: readonly Declaration[], resolve: Resolve): StaticState[] {
  return declarations.flatMap((each) => [
    ...staticsIn(each).map((variable) => stateOf(variable, each, variable.row)),
    ...writtenIn(each, resolve)
      .filter(({ name }) => isVariable(resolve(name, each)))
      .map((written) => stateOf(written, each, written.row)),
  ]);
}

/** A name, and its line within the declaration, from 0. */
interface Named {
  readonly name: string;
  readonly row: number;
}

function stateOf({ name }: Named, { names, file, line }: Declaration, row: number): StaticState {
  return { variable: name, function: names[0] as string, place: `${file}:${line + row}` };
}

function isVariable(declaration: Declaration | undefined): boolean {
  const { node } = declaration ?? {};
  return declaration?.kind === "variable" && !declaration.isStub && (node === undefined || !isConstant(node));
}

function staticsIn({ kind, node, text }: Declaration): Named[] {
  if (kind === "macro") {
    const [, name] =
      /\bstatic\s+(?!inline\b|__always_inline\b|const\b)[^;={}()]*?(\w+)\s*(?:\[[^\]]*\]\s*)?[;=]/.exec(text) ?? [];
    return name === undefined ? [] : [{ name, row: 0 }];
  }
  const inside = kind === "function" ? (node?.childForFieldName("body")?.descendantsOfType("declaration") ?? []) : [];
  return inside.flatMap((each) =>
    each !== null && isStatic(each) && !isConstant(each)
      ? declaredNames(each).map((name) => ({ name, row: rowIn(each, node) }))
      : [],
  );
}

function isStatic(declaration: Node): boolean {
  return declaration.namedChildren.some((each) => each?.type === "storage_class_specifier" && each.text === "static");
}

/** Whether a variable is constant; for a pointer, the pointer itself must be. */
function isConstant(declaration: Node): boolean {
  const hasConst = (node: Node): boolean =>
    node.namedChildren.some((each) => each?.type === "type_qualifier" && each.text === "const");
  return declaration.childrenForFieldName("declarator").every((each) => {
    const [pointer] = each?.descendantsOfType("pointer_declarator") ?? [];
    return hasConst(pointer ?? declaration);
  });
}

/** Macros that only read their arguments. */
const READERS = /^(?:READ_ONCE|data_race|likely|unlikely|min|max|min_t|max_t|ARRAY_SIZE|IS_\w+|VM_\w+|WARN\w*|BUG\w*)$/;

/**
 * Returns the names of the variables that code may write: the roots of expressions that it assigns to, increments,
 * takes the address of or passes to a macro; and arrays that it passes to a function.
 */
function writtenIn(declaration: Declaration, resolve: Resolve): Named[] {
  const { kind, node, text } = declaration;
  const { names } = declaration.references();
  if (kind === "macro") {
    const isWritten = (name: string): boolean =>
      new RegExp(`(?:\\+\\+|--|&)\\s*${name}\\b|\\b${name}\\s*(?:\\+\\+|--|[-+*/%|&^]?=[^=]|(?:<<|>>)=)`).test(text);
    return [...names].filter(isWritten).map((name) => ({ name, row: 0 }));
  }
  const body = kind === "function" ? node?.childForFieldName("body") : undefined;
  const places = body?.descendantsOfType([...PLACES.keys(), "call_expression"]) ?? [];
  const meaning = (name: string): Declaration | undefined => resolve(name, declaration);
  return places
    .flatMap((each) => (each === null ? [] : targetsOf(each, meaning)))
    .flatMap((target) => rootOf(target) ?? [])
    .filter((root) => names.has(root.text))
    .map((root) => ({ name: root.text, row: rowIn(root, node) }));
}

/** Types of writing expressions, and the field of the parsed expression that is written. */
const PLACES: ReadonlyMap<string, string> = new Map([
  ["assignment_expression", "left"],
  ["update_expression", "argument"],
  ["pointer_expression", "argument"],
]);

function targetsOf(expression: Node, meaning: (name: string) => Declaration | undefined): (Node | null)[] {
  if (expression.type === "call_expression") {
    const name = expression.childForFieldName("function")?.text ?? "";
    const given = expression.childForFieldName("arguments")?.namedChildren ?? [];
    if (meaning(name)?.kind === "macro") {
      return READERS.test(name) ? [] : given;
    }
    // The name of an array is its address.
    return given.filter((each) => each?.type === "identifier" && isArray(meaning(each.text)));
  }
  const isRead = expression.type === "pointer_expression" && expression.childForFieldName("operator")?.type !== "&";
  return isRead ? [] : [expression.childForFieldName(PLACES.get(expression.type) ?? "")];
}

function isArray(declaration: Declaration | undefined): boolean {
  const [array] =
    declaration?.kind === "variable" ? (declaration.node?.descendantsOfType("array_declarator") ?? []) : [];
  return array !== undefined;
}

/** Returns the root `x` of `x`, `x.y`, `x[1]`, `*x` and `(x)`. */
function rootOf(place: Node | null): Node | undefined {
  if (place === null || place.type === "identifier") {
    return place ?? undefined;
  }
  const inner =
    place.childForFieldName("argument") ?? (place.type === "parenthesized_expression" ? place.namedChildren[0] : null);
  return inner === null || inner === undefined ? undefined : rootOf(inner);
}

/** Returns the number of lines from the beginning of a function to a node in it. */
function rowIn(inner: Node, outer: Node | undefined): number {
  return inner.startPosition.row - (outer?.startPosition.row ?? 0);
}
