/** States as plain data: initial values, copies of drafts, assignment to drafts, and validation of foreign data. */
import { FieldRangeError, MachineError, UnknownFieldError } from "./errors.ts";
import type { AnyField, StructField } from "./schema.ts";

type Plain = { [name: string]: unknown };

/** The initial value of a schema as a plain object. */
export function initialValue<T>(schema: StructField<T>): T {
  return initialOf(schema, 0) as T;
}

function initialOf(field: AnyField, self: number): unknown {
  switch (field.kind) {
    case "int":
    case "bool":
      return field.initial;
    case "ref":
      return 0;
    case "constant":
      return field.value;
    case "self":
      return self;
    case "struct":
      return Object.fromEntries(Object.entries(field.fields).map(([name, each]) => [name, initialOf(each, self)]));
    case "array":
      return field.elements.map((element, i) => initialOf(element, i + 1));
  }
}

/** Copies a draft or state to a plain object. */
export function plainCopy<T>(schema: StructField<T>, state: T): T {
  return copyOf(schema, state) as T;
}

function copyOf(field: AnyField, value: unknown): unknown {
  switch (field.kind) {
    case "struct": {
      const record = value as Plain;
      return Object.fromEntries(Object.entries(field.fields).map(([name, each]) => [name, copyOf(each, record[name])]));
    }
    case "array": {
      const records = value as readonly unknown[];
      return field.elements.map((element, i) => copyOf(element, records[i]));
    }
    default:
      return value;
  }
}

/** Copies a plain state to a draft. */
export function assign<T>(schema: StructField<T>, draft: T, state: T): void {
  assignRecord(schema, draft as Plain, state as Plain);
}

function assignRecord(schema: StructField, draft: Plain, state: Plain): void {
  for (const [name, field] of Object.entries(schema.fields)) {
    switch (field.kind) {
      case "struct":
        assignRecord(field, draft[name] as Plain, state[name] as Plain);
        break;
      case "array":
        field.elements.forEach((element, i) => {
          assignRecord(element, (draft[name] as Plain[])[i] as Plain, (state[name] as Plain[])[i] as Plain);
        });
        break;
      case "int":
      case "bool":
      case "ref":
        draft[name] = state[name];
        break;
      case "constant":
      case "self":
        break;
    }
  }
}

/**
 * Checks that `value` is a state of the schema.
 *
 * @throws FieldRangeError for a number outside its declared range
 * @throws UnknownFieldError for a field that the schema lacks
 * @throws MachineError (`bad-state`) for any other mismatch; the message names the field
 */
export function validate<T>(schema: StructField<T>, value: unknown): asserts value is T {
  validateField(schema, value, "", 0);
}

function validateField(field: AnyField, value: unknown, path: string, self: number): void {
  switch (field.kind) {
    case "int":
      checkNumber(value, path, field.min, field.max);
      return;
    case "ref":
      checkNumber(value, path, 0, field.count);
      return;
    case "constant":
      if (value !== field.value) {
        throw new MachineError("bad-state", `field ${path}: want ${field.value}, not ${JSON.stringify(value)}`);
      }
      return;
    case "self":
      checkNumber(value, path, self, self);
      return;
    case "bool":
      if (typeof value !== "boolean") {
        throw new MachineError("bad-state", `field ${path}: want true or false, not ${JSON.stringify(value)}`);
      }
      if (value && field.never) {
        throw new FieldRangeError(path, value, 0, 0);
      }
      return;
    case "struct": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new MachineError("bad-state", `${path || "the state"}: want an object, not ${JSON.stringify(value)}`);
      }
      const names = new Set(Object.keys(field.fields));
      const foreign = Object.keys(value).find((name) => !names.has(name));
      if (foreign !== undefined) {
        throw new UnknownFieldError(path, foreign);
      }
      for (const [name, each] of Object.entries(field.fields)) {
        validateField(each, (value as Plain)[name], path === "" ? name : `${path}.${name}`, self);
      }
      return;
    }
    case "array": {
      const { elements } = field;
      if (!Array.isArray(value) || value.length !== elements.length) {
        throw new MachineError("bad-state", `field ${path}: want an array of ${elements.length}`);
      }
      elements.forEach((element, i) => {
        validateField(element, value[i], `${path}[${i}]`, i + 1);
      });
      return;
    }
  }
}

function checkNumber(value: unknown, path: string, min: number, max: number): void {
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw new MachineError("bad-state", `field ${path}: want a whole number, not ${JSON.stringify(value)}`);
  }
  if (value < min || value > max) {
    throw new FieldRangeError(path, value, min, max);
  }
}
