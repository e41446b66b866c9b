/**
 * Macros by which the harness calls functions whose parameters differ between trees; made from the tree's declarations.
 */
import type { Node } from "../tree/c-parser.ts";
import type { Declaration } from "../tree/declarations.ts";
import { declaredNames } from "../tree/references.ts";
import { TreeError } from "../tree/tree-error.ts";

/** Functions that change the large mapcount, and the macro by which the harness calls each. */
const LARGE_MAPCOUNT = {
  folio_set_large_mapcount: "GATE_SET_LARGE_MAPCOUNT",
  folio_add_return_large_mapcount: "GATE_ADD_LARGE_MAPCOUNT",
  folio_sub_return_large_mapcount: "GATE_SUB_LARGE_MAPCOUNT",
} as const;

/**
 * Returns the macros for a unit with the given functions.
 *
 * @throws TreeError for a function with an unknown parameter
 */
export function treeCalls(functions: readonly Declaration[]): string {
  const named = (name: string): Declaration | undefined => functions.find(({ names }) => names.includes(name));
  const mapcounts = Object.entries(LARGE_MAPCOUNT).flatMap(([name, macro]) => {
    const definition = named(name);
    return definition === undefined
      ? []
      : [`#define ${macro}(folio, mappings, pages, vma) ${largeMapcountCall(name, definition)}`];
  });
  const link = named("set_compound_head");
  return [
    `#define GATE_LINK_TAIL(tail, head, order) ${tailLink(link)}`,
    `#define GATE_LINK_OFFSET offsetof(struct page, ${linkField(link)})`,
    `#define GATE_IS_LINKED(tail) ((tail)->${linkField(link)} & 1)`,
    `#define GATE_UNLINK_TAIL(tail) ((tail)->${linkField(link)} &= ~1UL)`,
  ]
    .concat(`#define GATE_HAS_PINCOUNT(folio, order) ${pincountTest(named("folio_has_pincount"))}`, mapcounts)
    .join("\n");
}

/** Returns the C expression that makes a struct page a tail page; set_compound_head() has two forms. */
function tailLink(definition: Declaration | undefined): string {
  return definition === undefined
    ? "((tail)->compound_head = (unsigned long)(head) + 1)"
    : parametersOf(definition).length > 2
      ? "set_compound_head(tail, head, order)"
      : "set_compound_head(tail, head)";
}

/** Returns the field that set_compound_head() writes: its lowest bit marks a tail page. */
function linkField(definition: Declaration | undefined): string {
  return /->\s*(compound_\w+)/.exec(definition?.text ?? "")?.[1] ?? "compound_head";
}

/**
 * Returns the C expression for whether a folio has a pincount: by its size, and by folio_has_pincount() if the tree has
 * it.
 */
function pincountTest(definition: Declaration | undefined): string {
  const room = "GATE_HAS_ROOM(_pincount, order)";
  return definition === undefined ? room : `(${room} && folio_has_pincount(folio))`;
}

/**
 * Returns the call of a function that changes the large mapcount. Since the RFC of 2026-04-12 these functions have the
 * number of pages as a parameter besides the number of mappings, and return the new number of pages by a pointer.
 */
function largeMapcountCall(name: string, definition: Declaration): string {
  const parameters = parametersOf(definition);
  const numbers = parameters.filter(isNumber);
  const pages = numbers.length > 1 ? numbers.filter((each) => /page/.test(nameOf(each))) : [];
  if (numbers.length > 2 || (numbers.length > 1 && pages.length !== 1)) {
    const names = numbers.map(nameOf).join(", ");
    throw new TreeError(
      `${name}() at ${definition.file}:${definition.line} has the parameters ${names}: cannot decide which of them counts mappings and which pages`,
    );
  }
  const args = parameters.map((each) => {
    const type = typeOf(each);
    if (isNumber(each)) {
      return pages.includes(each) ? "pages" : "mappings";
    }
    switch (type) {
      case "struct folio *":
        return "folio";
      case "struct vm_area_struct *":
        return "vma";
      default:
        if (/^(?:unsigned )?(?:int|long) \*$/.test(type)) {
          // The value returned there is also in the folio.
          return `&(${type.replace(" *", "")}){ 0 }`;
        }
        throw new TreeError(
          `${name}() at ${definition.file}:${definition.line} has the unknown parameter "${each.text}"`,
        );
    }
  });
  return `${name}(${args.join(", ")})`;
}

function parametersOf({ node }: Declaration): readonly Node[] {
  const list = node?.childForFieldName("declarator")?.childForFieldName("parameters");
  return (list?.namedChildren ?? []).filter((each): each is Node => each?.type === "parameter_declaration");
}

function nameOf(parameter: Node): string {
  return declaredNames(parameter)[0] ?? "";
}

/** Returns the type of a parameter without qualifiers: `struct folio *`, `unsigned int`. */
function typeOf(parameter: Node): string {
  const type = parameter.childForFieldName("type")?.text.replace(/\s+/g, " ") ?? "";
  const isPointer = parameter.childForFieldName("declarator")?.type === "pointer_declarator";
  return isPointer ? `${type} *` : type;
}

function isNumber(parameter: Node): boolean {
  return /^(?:(?:unsigned|signed) )?(?:int|long|short|unsigned)$/.test(typeOf(parameter));
}
