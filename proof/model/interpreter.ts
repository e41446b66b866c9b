/**
 * Executes functions of the model with symbols for numbers and truth values, by their own text: the functions that are
 * explored, as the engine has them. It has the part of JavaScript in which owner tracking is written, and refuses the
 * rest by name. Objects are objects; a branch on a symbol takes a side of the path.
 */
import type {
  AssignmentExpression,
  CallExpression,
  Expression,
  LogicalExpression,
  MemberExpression,
  Node,
  Pattern,
  PrivateIdentifier,
  SpreadElement,
  Statement,
  Super,
  SwitchCase,
  SwitchStatement,
} from "acorn";
import { NotExecutable } from "../symbolic/not-executable.ts";
import { and, or, type Term } from "../symbolic/term.ts";
import { syntaxOf } from "./function-text.ts";
import type { Path } from "./paths.ts";
import { asTruth, concretised, conditionOf, negated, OPERATORS, Symbolic, symbolicTruth } from "./symbolic-value.ts";

/** Names that functions refer to, besides their parameters and variables. */
export interface Surroundings {
  /**
   * The values that modules export, by name: a function's text has an import by its own name, or as a member of a
   * namespace. Two exports of one name are one value.
   */
  readonly exported: ReadonlyMap<string, unknown>;
  /** Functions that are called, instead of executed by their text. */
  readonly natives: ReadonlyMap<unknown, (...parameters: readonly unknown[]) => unknown>;
}

/** An exception that the function throws. */
export class Thrown extends Error {}

/** Variables of a block. */
class Variables {
  readonly #values = new Map<string, unknown>();
  readonly #outer: Variables | undefined;

  constructor(outer: Variables | undefined) {
    this.#outer = outer;
  }

  declare(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  /** The variables among which one with this name is. */
  holderOf(name: string): Map<string, unknown> | undefined {
    return this.#values.has(name) ? this.#values : this.#outer?.holderOf(name);
  }
}

/** A call that is being executed. */
interface Frame {
  readonly self: unknown;
  readonly variables: Variables;
}

/** The end of a function; undefined while statements go on. */
type Completion = { readonly value: unknown } | undefined;

type Literal = Extract<Expression, { readonly type: "Literal" }>;

/** Executes one path. */
export class Interpreter {
  readonly #surroundings: Surroundings;
  readonly #path: Path;

  constructor(surroundings: Surroundings, path: Path) {
    this.#surroundings = surroundings;
    this.#path = path;
  }

  /**
   * Calls a function.
   *
   * @throws NotExecutable where it does what is not executed with symbols
   * @throws Thrown where the function throws
   */
  call(fn: unknown, self: unknown, parameters: readonly unknown[]): unknown {
    const native = this.#surroundings.natives.get(fn);
    if (native !== undefined) {
      return native(...parameters);
    }
    if (typeof fn !== "function") {
      throw new NotExecutable("a call of what is no function");
    }
    const { params, body, type } = syntaxOf(fn);
    if (type === "ArrowFunctionExpression") {
      throw new NotExecutable("an arrow function");
    }
    const frame = { self, variables: new Variables(undefined) };
    for (const [i, pattern] of params.entries()) {
      this.#bind(pattern, parameters[i], frame);
    }
    return this.#statement(body as Statement, frame)?.value;
  }

  #bind(pattern: Pattern, value: unknown, frame: Frame): void {
    switch (pattern.type) {
      case "Identifier":
        frame.variables.declare(pattern.name, value);
        return;
      case "AssignmentPattern":
        this.#bind(pattern.left, value === undefined ? this.#evaluate(pattern.right, frame) : value, frame);
        return;
      case "ObjectPattern":
        for (const property of pattern.properties) {
          if (property.type !== "Property" || property.computed || property.key.type !== "Identifier") {
            throw refused(property);
          }
          this.#bind(property.value, memberOf(value, property.key.name), frame);
        }
        return;
      default:
        throw refused(pattern);
    }
  }

  #statement(statement: Statement, frame: Frame): Completion {
    switch (statement.type) {
      case "BlockStatement":
        return this.#block(statement.body, { ...frame, variables: new Variables(frame.variables) });
      case "EmptyStatement":
        return undefined;
      case "ExpressionStatement":
        this.#evaluate(statement.expression, frame);
        return undefined;
      case "IfStatement": {
        const { test, consequent, alternate } = statement;
        const taken = this.#isTrue(this.#evaluate(test, frame)) ? consequent : alternate;
        return taken ? this.#statement(taken, frame) : undefined;
      }
      case "ReturnStatement":
        return { value: statement.argument ? this.#evaluate(statement.argument, frame) : undefined };
      case "VariableDeclaration":
        if (statement.kind !== "const" && statement.kind !== "let") {
          throw refused(statement);
        }
        for (const { id, init } of statement.declarations) {
          this.#bind(id, init ? this.#evaluate(init, frame) : undefined, frame);
        }
        return undefined;
      case "SwitchStatement":
        return this.#switch(statement, { ...frame, variables: new Variables(frame.variables) });
      default:
        throw refused(statement);
    }
  }

  /** A choice by a value that is known. A case ends with a `break` of its own, or returns. */
  #switch({ discriminant, cases }: SwitchStatement, frame: Frame): Completion {
    const value = this.#evaluate(discriminant, frame);
    if (value instanceof Symbolic) {
      throw new NotExecutable("a switch by a value that is not known");
    }
    const isCase = ({ test }: SwitchCase): boolean => test != null && this.#evaluate(test, frame) === value;
    const first = cases.findIndex(isCase);
    const start = first < 0 ? cases.findIndex(({ test }) => test == null) : first;
    for (const statement of start < 0 ? [] : cases.slice(start).flatMap(({ consequent }) => consequent)) {
      if (statement.type === "BreakStatement") {
        return undefined;
      }
      const completion = this.#statement(statement, frame);
      if (completion !== undefined) {
        return completion;
      }
    }
    return undefined;
  }

  #block(body: readonly Statement[], frame: Frame): Completion {
    for (const statement of body) {
      const completion = this.#statement(statement, frame);
      if (completion !== undefined) {
        return completion;
      }
    }
    return undefined;
  }

  /** Whether a value is a true condition, on this path. */
  #isTrue(value: unknown): boolean {
    return value instanceof Symbolic ? this.#path.decide(conditionOf(value)) : Boolean(value);
  }

  #evaluate(expression: Expression | Literal, frame: Frame): unknown {
    switch (expression.type) {
      case "Literal":
        return expression.value;
      case "ThisExpression":
        return frame.self;
      case "Identifier":
        return this.#named(expression.name, frame);
      case "MemberExpression":
        return this.#member(expression, frame).value;
      case "CallExpression":
        return this.#callIn(expression, frame);
      case "SequenceExpression":
        return expression.expressions.map((each) => this.#evaluate(each, frame)).at(-1);
      case "ConditionalExpression": {
        const { test, consequent, alternate } = expression;
        return this.#evaluate(this.#isTrue(this.#evaluate(test, frame)) ? consequent : alternate, frame);
      }
      case "LogicalExpression":
        return this.#logical(expression, this.#evaluate(expression.left, frame), frame);
      case "AssignmentExpression":
        return this.#assignment(expression, frame);
      case "UnaryExpression": {
        const value = this.#evaluate(expression.argument, frame);
        switch (expression.operator) {
          case "!":
            return value instanceof Symbolic ? concretised(negated(value)) : !value;
          case "-":
            return binary("-", 0, value);
          default:
            throw refused(expression, expression.operator);
        }
      }
      case "BinaryExpression": {
        const { left, operator, right } = expression;
        if (left.type === "PrivateIdentifier") {
          throw refused(left);
        }
        return binary(operator, this.#evaluate(left, frame), this.#evaluate(right, frame));
      }
      default:
        throw refused(expression);
    }
  }

  #named(name: string, { variables }: Frame): unknown {
    const holder = variables.holderOf(name);
    if (holder !== undefined) {
      return holder.get(name);
    }
    return name === "undefined" ? undefined : this.#imported(name);
  }

  #imported(name: string): unknown {
    const { exported } = this.#surroundings;
    if (!exported.has(name)) {
      throw new NotExecutable(`the name ${name}, whose value is not known`);
    }
    return exported.get(name);
  }

  /** A property, and the object that has it: none where the object is a module. */
  #member(
    { object, property, computed }: MemberExpression,
    frame: Frame,
  ): { readonly object: unknown; readonly name: PropertyName; readonly value: unknown } {
    if (object.type === "Super") {
      throw refused(object);
    }
    const name = this.#propertyName(property, computed, frame);
    if (this.#isModule(object, frame)) {
      return { object: undefined, name, value: this.#imported(String(name)) };
    }
    const of = this.#evaluate(object, frame);
    return { object: of, name, value: memberOf(of, name) };
  }

  #propertyName(property: Expression | PrivateIdentifier, computed: boolean, frame: Frame): PropertyName {
    if (!computed) {
      if (property.type !== "Identifier") {
        throw refused(property);
      }
      return property.name;
    }
    if (property.type === "PrivateIdentifier") {
      throw refused(property);
    }
    const name = this.#evaluate(property, frame);
    if (typeof name !== "string" && typeof name !== "number") {
      throw new NotExecutable("a property whose name depends on a value");
    }
    return name;
  }

  /** A name that is neither a variable nor an export is taken for the namespace of a module. */
  #isModule(object: Expression, { variables }: Frame): boolean {
    return (
      object.type === "Identifier" &&
      variables.holderOf(object.name) === undefined &&
      !this.#surroundings.exported.has(object.name)
    );
  }

  #callIn({ callee, arguments: passed, optional }: CallExpression, frame: Frame): unknown {
    if (callee.type === "Super" || optional) {
      throw refused(callee);
    }
    const values = (): unknown[] => passed.map((each) => this.#evaluate(withoutSpread(each), frame));
    if (callee.type !== "MemberExpression") {
      const fn = this.#evaluate(callee, frame);
      return this.call(fn, undefined, values());
    }
    const { object, name, value } = this.#member(callee, frame);
    if (typeof object === "function" && name === "call") {
      const [self, ...parameters] = values();
      return this.call(object, self, parameters);
    }
    return this.call(value, object, values());
  }

  /** `&&` and `||`. Where the right side does nothing, a term is made of both; else the path takes a side. */
  #logical({ operator, right }: Pick<LogicalExpression, "operator" | "right">, left: unknown, frame: Frame): unknown {
    if (operator === "??") {
      return left === undefined || left === null ? this.#evaluate(right, frame) : left;
    }
    const isAnd = operator === "&&";
    const term = left instanceof Symbolic && isEffectless(right) ? this.#conditionAnyway(right, frame) : undefined;
    if (left instanceof Symbolic && term !== undefined) {
      const one = conditionOf(left);
      return concretised(symbolicTruth(isAnd ? and(one, term) : or(one, term)));
    }
    const isTrue = this.#isTrue(left);
    return isTrue === isAnd ? this.#evaluate(right, frame) : left instanceof Symbolic ? isTrue : left;
  }

  /**
   * A condition, evaluated where the engine may not get to it; undefined where it is none, or cannot be evaluated
   * there.
   */
  #conditionAnyway(condition: Expression, frame: Frame): Term | undefined {
    try {
      return asTruth(this.#evaluate(condition, frame));
    } catch (error) {
      if (error instanceof Thrown || error instanceof NotExecutable) {
        return undefined;
      }
      throw error;
    }
  }

  #assignment({ operator, left, right }: AssignmentExpression, frame: Frame): unknown {
    const place = this.#placeOf(left, frame);
    const value = this.#assigned(operator, place, right, frame);
    place.set(value);
    return value;
  }

  #assigned(operator: string, place: Place, right: Expression, frame: Frame): unknown {
    switch (operator) {
      case "=":
        return this.#evaluate(right, frame);
      case "+=":
      case "-=": {
        const before = place.get();
        return binary(operator.slice(0, 1), before, this.#evaluate(right, frame));
      }
      case "||=":
      case "&&=":
        return this.#logical({ operator: operator === "||=" ? "||" : "&&", right }, place.get(), frame);
      default:
        throw new NotExecutable(`the operator ${operator}`);
    }
  }

  #placeOf(target: Pattern, frame: Frame): Place {
    if (target.type === "Identifier") {
      const { name } = target;
      const holder = frame.variables.holderOf(name);
      if (holder === undefined) {
        throw new NotExecutable(`an assignment to ${name}, which is no variable of the function`);
      }
      return { get: () => holder.get(name), set: (value) => holder.set(name, value) };
    }
    if (target.type !== "MemberExpression" || target.object.type === "Super") {
      throw refused(target);
    }
    const object = this.#evaluate(target.object, frame);
    const name = this.#propertyName(target.property, target.computed, frame);
    if (typeof object !== "object" || object === null || object instanceof Symbolic) {
      throw new NotExecutable(`an assignment to ${name} of what is no object`);
    }
    return {
      get: () => memberOf(object, name),
      set: (value) => {
        (object as Record<PropertyName, unknown>)[name] = value;
      },
    };
  }
}

type PropertyName = string | number;

/** Target of an assignment. */
interface Place {
  readonly get: () => unknown;
  readonly set: (value: unknown) => void;
}

/** A property of an object. @throws NotExecutable for one that the object does not have */
function memberOf(object: unknown, name: PropertyName): unknown {
  if (object === undefined || object === null) {
    throw new Thrown(`cannot read ${name} of ${object}`);
  }
  if (object instanceof Symbolic || !(name in Object(object))) {
    throw new NotExecutable(`a read of ${name}, which is no part of what is proved`);
  }
  return (object as Record<PropertyName, unknown>)[name];
}

/** An operation on two values: the engine's where both are known. */
function binary(operator: string, one: unknown, other: unknown): unknown {
  if (one instanceof Symbolic || other instanceof Symbolic) {
    const operation = OPERATORS[operator];
    if (operation === undefined) {
      throw new NotExecutable(`the operator ${operator} on a value that is not known`);
    }
    return concretised(operation(one, other));
  }
  if (operator === "===" || operator === "!==") {
    return (one === other) === (operator === "===");
  }
  if (typeof one !== "number" || typeof other !== "number") {
    throw new NotExecutable(`the operator ${operator} on what is no number`);
  }
  switch (operator) {
    case "+":
      return one + other;
    case "-":
      return one - other;
    case "*":
      return one * other;
    case "<":
      return one < other;
    case "<=":
      return one <= other;
    case ">":
      return one > other;
    case ">=":
      return one >= other;
    default:
      throw new NotExecutable(`the operator ${operator}`);
  }
}

/** Whether evaluating an expression changes nothing. */
function isEffectless(expression: Expression | SpreadElement | PrivateIdentifier | Super): boolean {
  switch (expression.type) {
    case "Literal":
    case "Identifier":
    case "ThisExpression":
    case "PrivateIdentifier":
      return true;
    case "MemberExpression":
      return isEffectless(expression.object) && (!expression.computed || isEffectless(expression.property));
    case "UnaryExpression":
      return isEffectless(expression.argument);
    case "BinaryExpression":
    case "LogicalExpression":
      return isEffectless(expression.left) && isEffectless(expression.right);
    default:
      return false;
  }
}

function withoutSpread(argument: Expression | SpreadElement): Expression {
  if (argument.type === "SpreadElement") {
    throw refused(argument);
  }
  return argument;
}

/** Syntax that is not executed. */
function refused({ type }: Node, detail = ""): NotExecutable {
  return new NotExecutable(`syntax of type ${type}${detail === "" ? "" : ` (${detail})`}`);
}
