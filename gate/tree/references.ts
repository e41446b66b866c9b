/** The names that a piece of C refers to. */
import type { Node } from "./c-parser.ts";

/** The names that a piece of C refers to, by kind. */
export interface References {
  /** Functions, variables, enumerators, macros and typedef names. */
  readonly names: ReadonlySet<string>;
  /** Structs, unions and enums whose definition is required, as `struct page`. */
  readonly tags: ReadonlySet<string>;
  /** Structs and unions of which only pointers occur. */
  readonly opaqueTags: ReadonlySet<string>;
  /** Fields, by name alone. */
  readonly fields: ReadonlySet<string>;
  /**
   * Names that occur only in arguments of calls; for each occurrence the names of the called functions, the outermost
   * first. An empty name is for text that the parser could not read. An argument of a macro may be anything: a field,
   * part of a name, or unused.
   */
  readonly argumentsOnly: ReadonlyMap<string, readonly (readonly string[])[]>;
}

const KEYWORDS = new Set(
  (
    "auto break case char const continue default do double else enum extern float for goto if inline int long register " +
    "restrict return short signed sizeof static struct switch typedef union unsigned void volatile while _Bool _Generic " +
    "_Static_assert _Alignof __typeof__ typeof __typeof_unqual__ __auto_type asm __asm__ __volatile__ __attribute__ " +
    "__alignof__ __extension__ __inline __inline__ __VA_ARGS__ __VA_OPT__ __FILE__ __LINE__ __func__ __FUNCTION__ defined"
  ).split(" "),
);

/** Whether a name is built into the compiler, or is an option of Kconfig. */
function isBuiltIn(name: string): boolean {
  return (
    KEYWORDS.has(name) ||
    /^(?:__builtin|CONFIG)_/.test(name) ||
    /^__(?:INT|UINT|LONG|SIZEOF|SIZE|CHAR|SHRT)_/.test(name)
  );
}

/** Returns the references of a declaration or definition, without its own names and those of its local variables. */
export function referencesOf(node: Node, own: readonly string[]): References {
  const names = new Set<string>();
  const tags = new Set<string>();
  const opaqueTags = new Set<string>();
  const fields = new Set<string>();
  const local = new Set<string>(own);
  const elsewhere = new Set<string>();
  const argumentsOnly = new Map<string, (readonly string[])[]>();
  for (const each of node.descendantsOfType(["declaration", "parameter_declaration", "type_definition"])) {
    if (each !== null && each.id !== node.id) {
      for (const name of declaredNames(each)) {
        local.add(name);
      }
    }
  }
  const visit = (each: Node, call: readonly string[] | undefined): void => {
    switch (each.type) {
      case "identifier":
      case "type_identifier":
        names.add(each.text);
        if (call === undefined) {
          elsewhere.add(each.text);
        } else {
          argumentsOnly.set(each.text, [...(argumentsOnly.get(each.text) ?? []), call]);
        }
        return;
      case "field_identifier":
        fields.add(each.text);
        return;
      case "comment":
      case "statement_identifier":
        return;
      case "ERROR":
        visitAll(each, [""]);
        return;
      case "call_expression": {
        const called = each.childForFieldName("function");
        const list = each.childForFieldName("arguments");
        if (called !== null) {
          visit(called, call);
        }
        if (list !== null) {
          visitAll(list, [...(call ?? []), called?.text ?? ""]);
        }
        return;
      }
      case "enum_specifier":
      case "struct_specifier":
      case "union_specifier": {
        const name = each.childForFieldName("name");
        const body = each.childForFieldName("body");
        const keyword = each.type.replace("_specifier", "");
        if (name !== null && body === null) {
          const onlyPointedTo = keyword !== "enum" && isPointedTo(each);
          (onlyPointedTo ? opaqueTags : tags).add(`${keyword} ${name.text}`);
        }
        if (body !== null) {
          visit(body, call);
        }
        return;
      }
      default:
        visitAll(each, call);
    }
  };
  const visitAll = (each: Node, call: readonly string[] | undefined): void => {
    for (const child of each.namedChildren) {
      if (child !== null) {
        visit(child, call);
      }
    }
  };
  visit(node, undefined);
  for (const name of elsewhere) {
    argumentsOnly.delete(name);
  }
  for (const name of [...names]) {
    if (local.has(name) || isBuiltIn(name)) {
      names.delete(name);
    }
  }
  return { names, tags, opaqueTags, fields, argumentsOnly };
}

/** Returns the names that a declaration declares: of variables, parameters, functions or types. */
export function declaredNames(declaration: Node): string[] {
  return declaration.childrenForFieldName("declarator").flatMap((each) => (each === null ? [] : nameIn(each)));
}

/** Returns the name in a declarator. */
function nameIn(declarator: Node): string[] {
  if (["identifier", "field_identifier", "type_identifier"].includes(declarator.type)) {
    return [declarator.text];
  }
  const inner =
    declarator.childForFieldName("declarator") ??
    declarator.namedChildren.find((child) => child !== null && /declarator|identifier/.test(child.type)) ??
    null;
  return inner === null ? [] : nameIn(inner);
}

/** Whether a type without a body is used only for pointers, so that it may be incomplete. */
function isPointedTo(type: Node): boolean {
  const parent = type.parent;
  if (parent === null) {
    return false;
  }
  const declarators = parent.childrenForFieldName("declarator");
  if (declarators.length > 0) {
    return declarators.every((each) => each !== null && containsPointer(each));
  }
  // A forward declaration.
  return parent.type === "translation_unit" || parent.type === "declaration";
}

function containsPointer(declarator: Node): boolean {
  if (/pointer_declarator$/.test(declarator.type)) {
    return true;
  }
  if (declarator.type === "array_declarator" || /function_declarator$/.test(declarator.type)) {
    const inner = declarator.childForFieldName("declarator");
    return inner !== null && containsPointer(inner);
  }
  const inner = declarator.childForFieldName("declarator");
  return inner !== null && containsPointer(inner);
}

/** Returns the references of a macro's body. It is a sequence of tokens and not parsed; its parameters are left out. */
export function referencesOfTokens(body: string, parameters: readonly string[]): References {
  const names = new Set<string>();
  const tags = new Set<string>();
  const fields = new Set<string>();
  const tokens = body.match(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[A-Za-z_]\w*|\.?\d[\w.]*|->|##|\S/g) ?? [];
  tokens.forEach((token, i) => {
    if (!/^[A-Za-z_]/.test(token) || isBuiltIn(token) || parameters.includes(token)) {
      return;
    }
    const before = tokens[i - 1];
    if (before === "##" || tokens[i + 1] === "##") {
      return;
    }
    if (before === "." || before === "->") {
      fields.add(token);
    } else if (before === "struct" || before === "union" || before === "enum") {
      tags.add(`${before} ${token}`);
    } else {
      names.add(token);
    }
  });
  return { names, tags, opaqueTags: new Set(), fields, argumentsOnly: new Map() };
}
