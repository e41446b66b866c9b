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

/** An execution as data: `execute()` takes it again. */
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

/** Where in a machine an error happened, as far as it is known. */
export interface ErrorPlace {
  /** Path of a field, as in `nodes[1].count`. */
  readonly field?: string;
  /** The value that does not fit a field. */
  readonly range?: FieldRange;
  /** The action whose recipe failed, or after which a property failed. */
  readonly action?: ActionCall;
  /** Id of the property that failed. */
  readonly property?: string;
  /** The message without the advice to the author of the model. */
  readonly finding?: string;
  /** A shortest execution to the state in which it happened: for an action, the state that it was called in. */
  readonly trace?: Execution;
}

/** An error of the machine under check, not of its properties: the search cannot go on and says why. */
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

  /** The same error with more of its place, and of its message. */
  at(place: ErrorPlace, prefix: string = ""): MachineError {
    const located = new MachineError(this.code, prefix + this.message, { ...this.place, ...place }, this.cause);
    located.stack = `${located.name}: ${located.message}\n${framesOf(this)}`;
    return located;
  }
}

/** The error of a model that does not do the same a second time. @param advice for its author */
export function notDeterministic(finding: string, advice: string, place: ErrorPlace = {}): MachineError {
  return new MachineError("not-deterministic", `${finding}; ${advice}`, { ...place, finding });
}

/** A recipe wrote a value that the field's declared range does not hold. */
export class FieldRangeError extends MachineError {
  constructor(field: string, value: unknown, min: number, max: number) {
    super("field-range", `the value ${String(value)} does not fit field ${field}, which is declared ${min} … ${max}`, {
      field,
      range: { field, value: typeof value === "number" ? value : String(value), least: min, most: max },
    });
  }
}

/** Whether a step led to what no state can hold. */
export function isOutOfRange(error: unknown): error is MachineError {
  return error instanceof MachineError && error.code === "field-range";
}

/** A state has a field, or got one, that its schema lacks. */
export class UnknownFieldError extends MachineError {
  /** @param record path of the record, empty for the state itself */
  constructor(record: string, name: string) {
    const field = record === "" ? name : `${record}.${name}`;
    super("unknown-field", `${record || "the state"} has no field "${name}"; declare it in the schema`, { field });
  }
}

/** The execution that led to an error, a line for each call, and then the action that failed. Empty without one. */
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
 * A recipe finds out half-way that its step leads to where the machine cannot follow: the search ends as incomplete. For
 * machines that run code of others; one that knows its own bounds says "not enabled" instead.
 */
export class BeyondBounds extends Error {}

/**
 * A recipe finds out that an assumption which the model made does not hold: what was searched is void, and the search is to
 * begin again on what `Model.revise` makes of the model.
 */
export class AssumptionFailed extends Error {}

/** Where a function of a model threw. @returns what to throw instead: an error that names the action */
export function inAction(thrown: unknown, call: ActionCall): unknown {
  return located(thrown, { action: call }, `action ${formatCall(call)}: `);
}

/** @returns what to throw instead: an error that names the property */
export function inProperty(thrown: unknown, id: string): unknown {
  return located(thrown, { property: id }, `property ${id}: `);
}

/** @returns what to throw instead: an error that names the part of the model, such as `the view` */
export function inPart(thrown: unknown, part: string): unknown {
  return located(thrown, {}, `${part}: `);
}

function located(thrown: unknown, place: ErrorPlace, prefix: string): unknown {
  if (thrown instanceof BeyondBounds || thrown instanceof AssumptionFailed) {
    return thrown;
  }
  return (thrown instanceof MachineError ? thrown : asMachineError(thrown)).at(place, prefix);
}

/** Wraps whatever a function of a model threw, with its stack: it is a bug in the model. */
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

/** Checks what a function of a model answered. @param what names the function, as in `property P: holds()` */
export function notBoolean(what: string, value: unknown, place: ErrorPlace = {}): MachineError {
  const shown =
    typeof value === "function" || typeof value === "object" ? Object.prototype.toString.call(value) : value;
  return new MachineError(
    "not-boolean",
    `${what} returned ${value === null ? "null" : String(shown)}; it must return true or false`,
    place,
  );
}
