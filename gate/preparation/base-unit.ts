/** The base of a compiled unit: the same configuration of the tree that a change is compared with. */

import type { TranslationUnit } from "../unit/translation-unit.ts";
import type { CompiledUnit, ThreadModules } from "./compile-unit.ts";

/** The base in one configuration. */
export type BaseUnit =
  /** The unit's code is that of the base: whatever it does, the base does. */
  | { readonly kind: "same" }
  | { readonly kind: "compiled"; readonly unit: CompiledUnit }
  /** The base does not have the configuration. */
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly why: string };

/** Whether two units have the same text, on whatever lines of their trees it stands. */
export function hasSameText(one: TranslationUnit, other: TranslationUnit): boolean {
  return hasSameTraits(one, other) && withoutLines(one.source) === withoutLines(other.source);
}

/** Whether two units were compiled to the same modules: a change that no call can tell, and no other CPU. */
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

/** Inputs of the exploration of a module besides its code. */
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

/** Places that warn are named by their lines, and numbered in their order. */
function withoutLines(source: string): string {
  return source.replace(/^#line .*\n/gm, "").replace(/\bgate_site_\d+_\d+\b/g, "gate_site");
}
