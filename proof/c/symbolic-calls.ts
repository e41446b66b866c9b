/** Calls of the functions of a harness with symbols. */
import type { SymbolicInstance } from "../symbolic/execute.ts";
import { NotExecutable } from "../symbolic/not-executable.ts";
import type { Term } from "../symbolic/term.ts";
import type { AccountingChanger, AccountingReader } from "./accounting-harness.ts";
import { type Changer, exportedName, type Reader } from "./harness.ts";

/** Calls a function that changes the folio. @returns its result, if it has one */
export function change(
  instance: SymbolicInstance,
  name: Changer | AccountingChanger,
  ...parameters: readonly Term[]
): Term | undefined {
  return instance.call(exportedName(name), parameters);
}

/** Calls a function that reads a value. */
export function read(instance: SymbolicInstance, name: Reader | AccountingReader): Term {
  return instance.call(exportedName(name), []) as Term;
}

/** A value that is known. @throws NotExecutable when it is not */
export function constantOf(instance: SymbolicInstance, name: Reader | AccountingReader): number {
  const value = read(instance, name);
  if (value.op !== "const") {
    throw new NotExecutable(`the value ${name}, which is no constant`);
  }
  return Number(value.value);
}
