/** A struct, reduced to the fields that somebody names. */
import type { Node } from "../tree/c-parser.ts";
import type { Declaration } from "../tree/declarations.ts";
import { declaredNames, type References, referencesOf } from "../tree/references.ts";

/** The part of a struct that is needed. */
export interface StructPart {
  readonly text: string;
  /** What the fields that are kept refer to, field by field. */
  readonly references: readonly References[];
}

/** Fields of a struct whose names are among `fields`, as the tree declares them; also those in unnamed structs and unions. */
export function structPart(declaration: Declaration, tag: string, fields: ReadonlySet<string>): StructPart {
  const { node } = declaration;
  const type = node === undefined || /_specifier$/.test(node.type) ? node : node.childForFieldName("type");
  const body = type?.childForFieldName("body") ?? undefined;
  if (node === undefined || body === undefined) {
    return { text: `${tag} { };`, references: [] };
  }
  const references: References[] = [];
  const textOf = (part: Node): string =>
    declaration.text.slice(part.startIndex - node.startIndex, part.endIndex - node.startIndex);
  const kept = (list: Node): string =>
    list.namedChildren
      .map((field) => {
        if (field === null || field.type !== "field_declaration") {
          return "";
        }
        const names = declaredNames(field);
        const inner = field.childForFieldName("type")?.childForFieldName("body") ?? null;
        if (names.length === 0 && inner !== null) {
          const inside = kept(inner);
          const keyword = field.childForFieldName("type")?.type === "union_specifier" ? "union" : "struct";
          return inside === "" ? "" : `${keyword} {\n${inside}};\n`;
        }
        if (!names.some((name) => fields.has(name))) {
          return "";
        }
        references.push(referencesOf(field, []));
        return `\t${textOf(field)}\n`;
      })
      .join("");
  return { text: `${tag} {\n${kept(body)}};`, references };
}
