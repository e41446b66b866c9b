/** Codes of warnings under a kernel that runs C code: the model's own, then one for each operation, then the places of the tree that warn. */
import { OPERATIONS } from "../harness/harness.ts";
import type { TranslationUnit } from "../unit/translation-unit.ts";

/** Codes of warnings: the model's own, then one for each operation, then the places of the tree that warn. */
const FIRST_OPERATION_CODE = 64;
const FIRST_SITE_CODE = 256;

/** All codes are below this. */
export const CODES = 4096;

/** The code under which an operation's difference is raised. */
export function codeOf(operation: string): number {
  return FIRST_OPERATION_CODE + OPERATIONS.indexOf(operation);
}

/** The operation of a code; undefined when the code is not an operation's. */
export function operationOf(code: number): string | undefined {
  return OPERATIONS[code - FIRST_OPERATION_CODE];
}

/** Whether a code is one of the model's own warnings. */
export function isModelCode(code: number): boolean {
  return code < FIRST_OPERATION_CODE;
}

/** Codes of what no call may do or leave behind, between those of operations and those of places that warn. */
export const EffectCode = {
  trapped: 251,
  outside: 252,
  outOfRange: 253,
  lockLeft: 254,
  unexpectedWrite: 255,
} as const;

/** The codes of warnings of the C code itself: its own warnings, and what no call may do or leave behind. */
export function codesOfSites({ warnings }: TranslationUnit): readonly number[] {
  const { lockLeft, unexpectedWrite, outOfRange, outside, trapped } = EffectCode;
  const own = [lockLeft, unexpectedWrite, outOfRange, outside, trapped];
  return [...own, ...warnings.map(({ id }) => FIRST_SITE_CODE + id)];
}

/** The code of the warning of a place of the tree. */
export function codeOfSite(id: number): number {
  return FIRST_SITE_CODE + id;
}
