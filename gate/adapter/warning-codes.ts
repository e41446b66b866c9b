/** Warning codes of a kernel that runs C code. */
import { OPERATIONS } from "../harness/harness.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";

/** Order of the codes: the model's warnings, one code for each operation, one for each warning site of the tree. */
const FIRST_OPERATION_CODE = 64;
const FIRST_SITE_CODE = 256;

/** All codes are below this. */
export const CODES = 4096;

/** Returns the code of an operation's difference from the model. */
export function codeOf(operation: string): number {
  return FIRST_OPERATION_CODE + OPERATIONS.indexOf(operation);
}

/** Returns the operation of a code; undefined if it is not the code of an operation. */
export function operationOf(code: number): string | undefined {
  return OPERATIONS[code - FIRST_OPERATION_CODE];
}

/** Whether a code is that of a warning of the model. */
export function isModelCode(code: number): boolean {
  return code < FIRST_OPERATION_CODE;
}

/** Codes of forbidden side effects, between those of operations and those of warning sites. */
export const EffectCode = {
  trapped: 251,
  outside: 252,
  outOfRange: 253,
  lockLeft: 254,
  unexpectedWrite: 255,
} as const;

/** Returns the codes of the C code's warnings and of the forbidden side effects. */
export function codesOfSites({ warnings }: TranslationUnit): readonly number[] {
  const { lockLeft, unexpectedWrite, outOfRange, outside, trapped } = EffectCode;
  const own = [lockLeft, unexpectedWrite, outOfRange, outside, trapped];
  return [...own, ...warnings.map(({ id }) => FIRST_SITE_CODE + id)];
}

/** Returns the code of a warning site of the tree. */
export function codeOfSite(id: number): number {
  return FIRST_SITE_CODE + id;
}
