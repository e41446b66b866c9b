/** The names of the fields of a struct. */
import type { Node } from "./c-parser.ts";
import type { Declaration } from "./declarations.ts";
import { declaredNames } from "./references.ts";

/**
 * Returns the names of the fields of a struct, with those of unnamed structs and unions in it. Undefined if the
 * declaration is not a struct, or has no body.
 */
export function fieldNames({ node }: Declaration): readonly string[] | undefined {
  const type = node === undefined || /_specifier$/.test(node.type) ? node : node.childForFieldName("type");
  const body = type?.childForFieldName("body") ?? null;
  return body === null ? undefined : fieldsIn(body);
}

function fieldsIn(body: Node): string[] {
  return body.namedChildren.flatMap((field) => {
    if (field?.type !== "field_declaration") {
      return [];
    }
    const names = declaredNames(field);
    const inner = field.childForFieldName("type")?.childForFieldName("body") ?? null;
    return names.length === 0 && inner !== null ? fieldsIn(inner) : names;
  });
}
