/** Proofs by enumeration for tests, at bounds that take a moment. */
import { parseConfig } from "../../model/kernel/config.ts";
import { kernelNamed } from "../../model/kernels/index.ts";
import type { EnumeratedObligation } from "../../proof/check-obligations.ts";
import type { EnumerationBounds } from "../../proof/enumerate.ts";
import { type ExecutedFunctions, modelFunctions } from "../../proof/executed-functions.ts";

/** Two pages, and others who together map it as often as two MMs can. */
export const SMALL: EnumerationBounds = { pages: 2, mappings: 2, others: 4 };

/** A configuration in which a slot overflows at its third mapping; and bounds within which it does. */
export const OVERFLOW_CONFIG = "32bit,mm-id-mapcount-max=1";
export const OVERFLOW: EnumerationBounds = { pages: 2, mappings: 4, others: 4 };

/** The functions of a kernel. */
export function functionsOf(name: string, config: string): ExecutedFunctions {
  const kernel = kernelNamed(name, parseConfig(config));
  if (kernel === undefined) {
    throw new Error(`no kernel ${name}`);
  }
  return modelFunctions(kernel);
}

/** Names of the obligations that have a counterexample. */
export function refuted(obligations: readonly EnumeratedObligation[]): string[] {
  return obligations
    .filter(({ counterexample }) => counterexample !== undefined)
    .map(({ from, to }) => `${from}: ${to}`);
}
