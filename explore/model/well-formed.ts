/** Rejects models with ambiguous names or parameters: reports, traces and coverage identify actions by them. */
import { formatCall, type Parameters } from "./action-call.ts";
import { MachineError } from "./errors.ts";
import type { Model, Property } from "./model.ts";

/**
 * Checks names, parameters and warnings of a model.
 *
 * @throws MachineError (`bad-model`), naming the model and the problem
 */
export function requireWellFormed<S, C, V>({ name, actions, properties, warnings }: Model<S, C, V>): void {
  const refuse = (problem: string): never => {
    throw new MachineError("bad-model", `cannot use model ${JSON.stringify(name)}: ${problem}`);
  };
  const requireNames = (kind: string, names: readonly unknown[]): void => {
    const earlier = new Set<unknown>();
    for (const each of names) {
      if (!isName(each)) {
        refuse(`${kind} ${quoted(each)} is no name; want text on one line, without space around it`);
      }
      if (earlier.has(each)) {
        refuse(`${kind} ${quoted(each)} is declared twice; reports and traces go by it, so each needs its own`);
      }
      earlier.add(each);
    }
  };
  requireNames("the name", [name]);
  requireNames(
    "action",
    actions.map((each) => each.name),
  );
  requireNames(
    "property",
    properties.map(({ id }) => id),
  );
  for (const { name: action, choices } of actions) {
    const [first = {}] = choices;
    requireNames(`action ${action}: parameter`, Object.keys(first));
    const earlier = new Set<string>();
    for (const parameters of choices) {
      if (!isData(parameters)) {
        refuse(`${formatCall({ action, parameters })} has a parameter that JSON does not bring back as it was`);
      }
      const key = keyOf(parameters);
      if (earlier.has(key)) {
        refuse(`${formatCall({ action, parameters })} is declared twice; remove the value that its domain repeats`);
      }
      earlier.add(key);
    }
  }
  requireOwners(properties, warnings !== undefined, refuse);
}

/** Requires a log for warnings, and one property for each warning code. */
function requireOwners<V>(
  properties: readonly Property<V>[],
  hasLog: boolean,
  refuse: (problem: string) => never,
): void {
  const owners = new Map<number, string>();
  for (const property of properties) {
    if (property.kind !== "warning") {
      continue;
    }
    const { id, codes } = property;
    if (!hasLog) {
      refuse(`property ${id} forbids warnings, and the model has no log for them; give it \`warnings\``);
    }
    for (const code of codes) {
      if (!Number.isInteger(code) || code < 1) {
        refuse(`property ${id} forbids warning ${code}; want codes that are whole numbers from 1`);
      }
      const owner = owners.get(code);
      if (owner !== undefined) {
        refuse(`properties ${owner} and ${id} both forbid warning ${code}; want one property for each code`);
      }
      owners.set(code, id);
    }
  }
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "" && value.trim() === value && !/\p{Cc}/u.test(value);
}

function quoted(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function isData(parameters: Parameters): boolean {
  return Object.values(parameters).every(
    (value) =>
      typeof value === "string" ||
      typeof value === "boolean" ||
      Number.isFinite(value) ||
      (typeof value === "object" && value !== null && Object.values(value).every(Number.isFinite)),
  );
}

/** A text that is equal for parameters with equal values, in any order. */
function keyOf(parameters: Parameters): string {
  return JSON.stringify(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1)));
}
