/** Names of a struct's fields. */
import type { Node } from "./c-parser.ts";
import type { Declaration } from "./declarations.ts";
import { declaredNames } from "./references.ts";

/**
 * Names of the fields of a struct; those of unnamed structs and unions in it count as its own, as in C. Undefined for what
 * is no struct, or has no body.
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
