/** The base of a compiled unit: the unit of the base tree in the same configuration. */

import type { TranslationUnit } from "../unit/translation-unit.ts";
import type { CompiledUnit, ThreadModules } from "./compile-unit.ts";

/** The base in one configuration. */
export type BaseUnit =
  /** Unit and base have the same code, and so the same behaviour. */
  | { readonly kind: "same" }
  | { readonly kind: "compiled"; readonly unit: CompiledUnit }
  /** The base does not have the configuration. */
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly why: string };

/** Whether two units have the same text, except for line numbers. */
export function hasSameText(one: TranslationUnit, other: TranslationUnit): boolean {
  return hasSameTraits(one, other) && withoutLines(one.source) === withoutLines(other.source);
}

/** Whether two units compile to the same modules: then neither a call nor another CPU can observe the change. */
export function hasSameCode(one: CompiledUnit, other: CompiledUnit): boolean {
  return (
    hasSameTraits(one.fast.unit, other.fast.unit) &&
    one.fast.digest === other.fast.digest &&
    haveSameThreads(one.threads, other.threads)
  );
}

function haveSameThreads(one: ThreadModules, other: ThreadModules): boolean {
  return (["-O0", "-O2"] as const).every((optimisation) => one[optimisation]?.digest === other[optimisation]?.digest);
}

/** Whether two units have the same inputs of an exploration besides the code. */
function hasSameTraits(one: TranslationUnit, other: TranslationUnit): boolean {
  const traits = ({ configuration, counts, hasPageMapcountOption, modelKernel, functions }: TranslationUnit): string =>
    JSON.stringify([
      configuration,
      counts,
      hasPageMapcountOption,
      modelKernel.name,
      functions.flatMap(({ name, status }) => (status === "missing" ? [name] : [])),
    ]);
  return traits(one) === traits(other);
}

/** Removes line numbers: #line directives, and the names of warning sites, which contain the line. */
function withoutLines(source: string): string {
  return source.replace(/^#line .*\n/gm, "").replace(/\bgate_site_\d+_\d+\b/g, "gate_site");
}
