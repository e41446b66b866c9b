import { type ActionCall, formatCall } from "./action-call.ts";

/** The rules that a machine, or the input of a search, can break. Codes are stable; see docs/command-line.md. */
export type ErrorCode =
  | "bad-model"
  | "field-range"
  | "unknown-field"
  | "read-only"
  | "not-boolean"
  | "exception"
  | "disabled-but-changed"
  | "not-deterministic"
  | "not-symmetric"
  | "not-boolean"
  | "state-too-large"
  | "bad-state"
  | "bad-action"
  | "bad-checkpoint";

/** An execution as data: `execute()` runs it. */
export interface Execution {
  /** Index of the initial state. */
  readonly initial: number;
  readonly calls: readonly ActionCall[];
}

/** A value that does not fit the range of its field. */
export interface FieldRange {
  readonly field: string;
  readonly value: number | string;
  readonly least: number;
  readonly most: number;
}

/** The part of a machine in which an error happened; absent fields are unknown. */
export interface ErrorPlace {
  /** Path of a field, as in `nodes[1].count`. */
  readonly field?: string;
  /** The value that does not fit a field. */
  readonly range?: FieldRange;
  /** The action whose recipe failed, or after which a property failed. */
  readonly action?: ActionCall;
  /** Id of the property that failed. */
  readonly property?: string;
  /** The message without the advice for the model's author. */
  readonly finding?: string;
  /** A shortest execution to the state of the error; for an action, to the state in which it was called. */
  readonly trace?: Execution;
}

/** An error of the machine under check, not of its properties. It ends the search. */
export class MachineError extends Error {
  readonly code: ErrorCode;
  readonly place: ErrorPlace;

  /** @param cause the exception that a function of the model threw */
  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = "MachineError";
    this.code = code;
    this.place = place;
  }

  /** The same error with more details in `place` and a prefix to its message. */
  at(place: ErrorPlace, prefix: string = ""): MachineError {
    const located = new MachineError(this.code, prefix + this.message, { ...this.place, ...place }, this.cause);
    located.stack = `${located.name}: ${located.message}\n${framesOf(this)}`;
    return located;
  }
}

/** The error of a model whose steps differ when they are repeated. @param advice for the model's author */
export function notDeterministic(finding: string, advice: string, place: ErrorPlace = {}): MachineError {
  return new MachineError("not-deterministic", `${finding}; ${advice}`, { ...place, finding });
}

/** A recipe wrote a value outside the field's declared range. */
export class FieldRangeError extends MachineError {
  constructor(field: string, value: unknown, min: number, max: number) {
    super("field-range", `the value ${String(value)} does not fit field ${field}, which is declared ${min} … ${max}`, {
      field,
      range: { field, value: typeof value === "number" ? value : String(value), least: min, most: max },
    });
  }
}

/** Whether a step wrote a value outside a field's range. */
export function isOutOfRange(error: unknown): error is MachineError {
  return error instanceof MachineError && error.code === "field-range";
}

/** A state has, or a recipe writes, a field that its schema lacks. */
export class UnknownFieldError extends MachineError {
  /** @param record path of the record, empty for the state itself */
  constructor(record: string, name: string) {
    const field = record === "" ? name : `${record}.${name}`;
    super("unknown-field", `${record || "the state"} has no field "${name}"; declare it in the schema`, { field });
  }
}

/** Formats the execution that led to an error, a line for each call, then the failed action. Empty without a trace. */
export function formatPlace({ trace, action }: ErrorPlace): string {
  if (trace === undefined) {
    return "";
  }
  const calls = [...trace.calls, ...(action === undefined ? [] : [action])];
  const lines = [`initial state ${trace.initial}`, ...calls.map(formatCall)];
  const width = String(calls.length).length;
  return lines.map((line, i) => `${String(i).padStart(width)}  ${line}`).join("\n");
}

/**
 * Thrown by a recipe whose step leaves the bounds of the machine: the search ends as incomplete. For machines that run
 * foreign code and detect it half-way; a recipe that can decide beforehand returns "not enabled" instead.
 */
export class BeyondBounds extends Error {}

/**
 * Thrown by a recipe when an assumption of the model does not hold: results so far are void, and the search starts
 * again on the model that `Model.revise` returns.
 */
export class AssumptionFailed extends Error {}

/** @returns the error to throw in place of an action's exception: it names the action */
export function inAction(thrown: unknown, call: ActionCall): unknown {
  return located(thrown, { action: call }, `action ${formatCall(call)}: `);
}

/** @returns the error to throw in place of a property's exception: it names the property */
export function inProperty(thrown: unknown, id: string): unknown {
  return located(thrown, { property: id }, `property ${id}: `);
}

/** @returns the error to throw in place of another exception: it names the part of the model, such as `the view` */
export function inPart(thrown: unknown, part: string): unknown {
  return located(thrown, {}, `${part}: `);
}

function located(thrown: unknown, place: ErrorPlace, prefix: string): unknown {
  if (thrown instanceof BeyondBounds || thrown instanceof AssumptionFailed) {
    return thrown;
  }
  return (thrown instanceof MachineError ? thrown : asMachineError(thrown)).at(place, prefix);
}

/** Wraps an exception of a function of the model, with its stack: it is a bug in the model. */
function asMachineError(thrown: unknown): MachineError {
  const message = thrown instanceof Error ? `it threw ${thrown.name}: ${thrown.message}` : `it threw ${String(thrown)}`;
  const error = new MachineError("exception", message, {}, thrown);
  if (thrown instanceof Error) {
    error.stack = thrown.stack ?? "";
  }
  return error;
}

/** The lines of a stack below its message. */
function framesOf({ stack = "", name, message }: Error): string {
  const head = `${name}: ${message}\n`;
  return stack.startsWith(head) ? stack.slice(head.length) : stack;
}

/**
 * The error of a model function that returned no boolean.
 *
 * @param what names the function, as in `property P: holds()`
 */
export function notBoolean(what: string, value: unknown, place: ErrorPlace = {}): MachineError {
  const printed =
    typeof value === "function" || typeof value === "object" ? Object.prototype.toString.call(value) : value;
  return new MachineError(
    "not-boolean",
    `${what} returned ${value === null ? "null" : String(printed)}; it must return true or false`,
    place,
  );
}
