/** What can be wrong with a machine or with what it is asked to do. Each kind has a stable code; see docs/command-line.md. */
export type ErrorCode =
  | "field-range"
  | "disabled-but-changed"
  | "not-deterministic"
  | "not-symmetric"
  | "not-boolean"
  | "state-too-large"
  | "bad-state"
  | "bad-action"
  | "bad-checkpoint";

/** An error of the machine under check, not of its properties: the search cannot go on and says why. */
export class MachineError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = "MachineError";
    this.code = code;
  }
}

/** A recipe wrote a value that the field's declared range does not hold. */
export class FieldRangeError extends MachineError {
  /** Path of the field, as in `nodes[1].count`. */
  readonly field: string;
  constructor(field: string, value: unknown, min: number, max: number, action?: string) {
    const where = action === undefined ? "" : `action ${action}: `;
    super(
      "field-range",
      `${where}the value ${String(value)} does not fit field ${field}, which is declared ${min} … ${max}`,
    );
    this.field = field;
  }

  /** The same error, naming the action that did it. */
  during(action: string): MachineError {
    return new MachineError("field-range", `action ${action}: ${this.message}`);
  }
}

/**
 * A recipe finds out half-way that its step leads to where the machine cannot follow: the search ends as incomplete. For
 * machines that run code of others; one that knows its own bounds says "not enabled" instead.
 */
export class BeyondBounds extends Error {}
