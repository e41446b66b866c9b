/** Tells which kernel functions ran: for traces. */
import type { Kernel } from "./kernel.ts";

/** Functions that only ask a question or are not functions of the kernel's own: a trace would drown in them. */
const NOT_RECORDED: ReadonlySet<string> = new Set([
  "vmWarnOn",
  "mmId",
  "folioTestLarge",
  "folioMapcount",
  "folioMaybeMappedShared",
  "folioLargeMapcountSanityChecks",
  "mmIdSlotSanityChecks",
  "incPageMapcounts",
  "decPageMapcounts",
  "folioModStat",
]);

/** Names that the kernel spells in another way than a plain change of case gives. */
const KERNEL_NAMES: Readonly<Record<string, string>> = {
  folioAddRmap: "__folio_add_rmap",
  mmdrop: "mmdrop",
  mmput: "mmput",
};

/** Functions that the kernel has in line: named as what they do to the slots. */
const INLINE: ReadonlySet<string> = new Set(["takeMmIdSlot", "addToMmIdSlot", "subFromMmIdSlot", "freeMmIdSlot"]);

/** The name of a modelled function as the kernel spells it. */
export function kernelName(name: string): string {
  return KERNEL_NAMES[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * The same kernel, which calls `record` with each function that runs.
 *
 * @param record gets a line such as `folio_add_return_large_mapcount(diff 2, mm 1) = 4`; nested calls are indented
 */
export function recording(kernel: Kernel, record: (line: string) => void): Kernel {
  let depth = 0;
  const wrap = (name: string, run: (...parameters: unknown[]) => unknown): unknown =>
    function (this: Kernel, ...parameters: unknown[]): unknown {
      const lines: string[] = [];
      const indent = "  ".repeat(depth);
      const text = `${INLINE.has(name) ? name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) : `${kernelName(name)}()`}${argumentsText(parameters)}`;
      lines.push(indent + text);
      record(indent + text);
      depth += 1;
      try {
        return run.apply(this, parameters);
      } finally {
        depth -= 1;
      }
    };
  return Object.fromEntries(
    Object.entries(kernel).map(([name, value]) => [
      name,
      typeof value === "function" && !NOT_RECORDED.has(name) ? wrap(name, value as never) : value,
    ]),
  ) as unknown as Kernel;
}

function argumentsText(parameters: readonly unknown[]): string {
  const mms = parameters.filter(isMm).map((mm) => `mm ${mm.idNumber - 1}`);
  const numbers = parameters.filter((each) => typeof each === "number");
  const all = [...numbers, ...mms];
  return all.length === 0 ? "" : ` ${all.join(", ")}`;
}

function isMm(value: unknown): value is { readonly idNumber: number } {
  return typeof value === "object" && value !== null && "idNumber" in value;
}
