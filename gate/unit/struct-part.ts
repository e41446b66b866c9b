/** Reduces a struct to the fields that the unit uses. */
import type { Node } from "../tree/c-parser.ts";
import type { Declaration } from "../tree/declarations.ts";
import { declaredNames, type References, referencesOf } from "../tree/references.ts";

/** A struct reduced to some of its fields. */
export interface StructPart {
  readonly text: string;
  /** References of each remaining field. */
  readonly references: readonly References[];
}

/**
 * Reduces a struct to the fields with names in `fields`, also in unnamed structs and unions; each as the tree declares
 * it.
 */
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
  const fieldsIn = (list: Node): string =>
    list.namedChildren
      .map((field) => {
        if (field === null || field.type !== "field_declaration") {
          return "";
        }
        const names = declaredNames(field);
        const inner = field.childForFieldName("type")?.childForFieldName("body") ?? null;
        if (names.length === 0 && inner !== null) {
          const inside = fieldsIn(inner);
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
  return { text: `${tag} {\n${fieldsIn(body)}};`, references };
}
