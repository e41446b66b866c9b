/** Warnings of the model's kernels as text. */
import {
  type KernelWarning,
  kernelWarning,
  Warning,
  type WarningName,
  warningSentence,
} from "../../model/kernel/warnings.ts";

/**
 * Formats a warning: `free_page_is_bad() warns: bad page: nonzero mapcount`; for a claim about a decision, only its
 * sentence.
 */
export function kernelWarningText({ name, by }: Omit<KernelWarning, "kind">): string {
  const functions = by.map((each) => `${each}()`);
  const last = functions.pop();
  const names = functions.length === 0 ? last : `${functions.join(", ")} or ${last}`;
  return `${names === undefined ? "" : `${names} warns: `}${warningSentence(name)}`;
}

/** Formats the warning with a name. */
export function namedWarningText(name: WarningName): string {
  const { by = [] } = kernelWarning(Warning[name]) ?? {};
  return kernelWarningText({ name, by });
}
