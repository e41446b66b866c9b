/** Effect of a tree's folio_reset_order() on the number of pages, `_nr_pages`. */
import type { Node } from "../tree/c-parser.ts";
import type { Declaration } from "../tree/declarations.ts";

const FIELD = "_nr_pages";

/** `unclear`: it uses the field, but not in a plain statement that assigns a number. */
export type OrderReset = "clears" | "leaves" | "unclear" | "missing";

/** @param definition folio_reset_order(); undefined if the tree does not have it */
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

/** Returns the value that a statement assigns to the field, if it is a plain assignment to it. */
function valueSet(statement: Node): readonly string[] {
  const [expression] = statement.type === "expression_statement" ? statement.namedChildren : [];
  const left = expression?.childForFieldName("left");
  return expression?.type === "assignment_expression" &&
    expression.childForFieldName("operator")?.type === "=" &&
    left?.childForFieldName("field")?.text === FIELD
    ? [expression.childForFieldName("right")?.text ?? ""]
    : [];
}
