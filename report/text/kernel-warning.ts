/** Warnings of the model's kernels in words. */
import {
  type KernelWarning,
  kernelWarning,
  Warning,
  type WarningName,
  warningSentence,
} from "../../model/kernel/warnings.ts";

/** `free_page_is_bad() warns: bad page: nonzero mapcount`; of a claim about a decision, its sentence alone. */
export function kernelWarningText({ name, by }: Omit<KernelWarning, "kind">): string {
  const functions = by.map((each) => `${each}()`);
  const last = functions.pop();
  const names = functions.length === 0 ? last : `${functions.join(", ")} or ${last}`;
  return `${names === undefined ? "" : `${names} warns: `}${warningSentence(name)}`;
}

/** The same for a warning by its name. */
export function namedWarningText(name: WarningName): string {
  const { by = [] } = kernelWarning(Warning[name]) ?? {};
  return kernelWarningText({ name, by });
}
