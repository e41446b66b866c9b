/** The text of a function, parsed. */
import { type Expression, type Function as FunctionNode, parseExpressionAt } from "acorn";
import { NotExecutable } from "../symbolic/not-executable.ts";

/** A function of JavaScript. Which parameters it takes is for its text to say. */
// biome-ignore lint/complexity/noBannedTypes: any function, executed through its text.
export type AnyFunction = Function;

const parsed = new WeakMap<AnyFunction, FunctionNode>();

/**
 * The syntax tree of a function, from the text that the engine has of it.
 *
 * @throws NotExecutable for what has no text, and for generators and functions that wait
 */
export function syntaxOf(fn: AnyFunction): FunctionNode {
  const known = parsed.get(fn);
  if (known !== undefined) {
    return known;
  }
  const node = functionIn(fn);
  if (node.generator || node.async) {
    throw new NotExecutable(`${fn.name}(), which does not return at once`);
  }
  parsed.set(fn, node);
  return node;
}

function functionIn(fn: AnyFunction): FunctionNode {
  const text = String(fn);
  // A function or an arrow function is an expression; a method is one in an object only.
  const node = expressionIn(`(${text})`) ?? methodIn(expressionIn(`({${text}})`));
  switch (node?.type) {
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return node;
    default:
      throw new NotExecutable(`${fn.name}(), whose text is not that of a function`);
  }
}

function expressionIn(text: string): Expression | undefined {
  try {
    return parseExpressionAt(text, 0, { ecmaVersion: "latest" });
  } catch (error) {
    if (error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

function methodIn(object: Expression | undefined): Expression | undefined {
  const [property] = object?.type === "ObjectExpression" ? object.properties : [];
  return property?.type === "Property" && property.method ? property.value : undefined;
}
