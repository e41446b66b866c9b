/** What folio_reset_order() of a tree does with the number of pages. */
import type { Node } from "../tree/c-parser.ts";
import type { Declaration } from "../tree/declarations.ts";

const FIELD = "_nr_pages";

/** `unclear`: it names the field in another way than by a plain statement that sets it to a number. */
export type OrderReset = "clears" | "leaves" | "unclear" | "missing";

/** @param definition undefined when the tree has no such function */
export function orderReset(definition: Declaration | undefined): OrderReset {
  const body = definition?.node?.childForFieldName("body") ?? undefined;
  if (definition === undefined || body === undefined) {
    return "missing";
  }
  const values = body.namedChildren.flatMap((statement) => (statement === null ? [] : valueSet(statement)));
  const last = values.at(-1);
  if (last !== undefined) {
    return last === "0" ? "clears" : /^\d+$/.test(last) ? "leaves" : "unclear";
  }
  return definition.references().fields.has(FIELD) ? "unclear" : "leaves";
}

/** What a statement sets the field to, whenever it is reached. */
function valueSet(statement: Node): readonly string[] {
  const [expression] = statement.type === "expression_statement" ? statement.namedChildren : [];
  const left = expression?.childForFieldName("left");
  return expression?.type === "assignment_expression" &&
    expression.childForFieldName("operator")?.type === "=" &&
    left?.childForFieldName("field")?.text === FIELD
    ? [expression.childForFieldName("right")?.text ?? ""]
    : [];
}
