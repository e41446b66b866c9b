/** Tells which kernel functions ran: for traces. */
import type { Kernel } from "./kernel.ts";

/** What only asks a question, or is part of a recorded function: a trace would drown in them. */
const NOT_RECORDED: ReadonlySet<string> = new Set([
  "vmWarnOn",
  "folioTestLarge",
  "folioMapcount",
  "folioMaybeMappedShared",
  "folioPteBatch",
  "folioLargeMapcountSanityChecks",
  "mmIdSlotSanityChecks",
  "wpReuseChecks",
  "incPageMapcounts",
  "decPageMapcounts",
  "folioModStat",
  "prepCompoundHead",
  "dupMappings",
  "freeTailPagePrepare",
  "mmput",
]);

/** Modelled functions whose kernel counterparts start with underscores. */
const UNDERSCORED: Readonly<Record<string, string>> = { folioAddRmap: "__folio_add_rmap" };

/** What the kernel has in line, in words. */
const IN_LINE: Readonly<Record<string, string>> = {
  takeMmIdSlot: "takes a free slot",
  addToMmIdSlot: "adds to the slot of the MM",
  subFromMmIdSlot: "subtracts from the slot of the MM",
  freeMmIdSlot: "frees the slot",
};

/** A kernel that takes notes. */
export interface Recording {
  readonly kernel: Kernel;
  /** The calls since the last time, in order; a call made by another one is indented by two spaces. */
  take(): string[];
}

/** The same kernel, taking notes. */
export function recording(kernel: Kernel): Recording {
  let lines: string[] = [];
  let depth = 0;
  const wrap = (name: string, run: (...parameters: unknown[]) => unknown) =>
    function (this: Kernel, ...parameters: unknown[]): unknown {
      const at = lines.length;
      const indent = "  ".repeat(depth);
      lines.push(indent + describe(name, parameters));
      depth += 1;
      try {
        const result = run.apply(this, parameters);
        if (typeof result === "number") {
          lines[at] += ` = ${result}`;
        }
        return result;
      } finally {
        depth -= 1;
      }
    };
  const entries = Object.entries(kernel).map(([name, value]) => [
    name,
    typeof value === "function" && !NOT_RECORDED.has(name) ? wrap(name, value as never) : value,
  ]);
  return {
    kernel: Object.fromEntries(entries) as Kernel,
    take: () => {
      const taken = lines;
      lines = [];
      return taken;
    },
  };
}

function describe(name: string, parameters: readonly unknown[]): string {
  const inLine = IN_LINE[name];
  if (inLine !== undefined) {
    return inLine;
  }
  const kernelName = UNDERSCORED[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `${kernelName}(${parameters.flatMap(argument).join(", ")})`;
}

/** MMs and folios by position, numbers as they are; the rest (statistics, slots) says nothing in a trace. */
function argument(value: unknown): string[] {
  if (typeof value === "number") {
    return [String(value)];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  if ("idNumber" in value) {
    return [`mm ${Number(value.idNumber) - 1}`];
  }
  if ("frameNumber" in value) {
    return [`folio ${Number(value.frameNumber) - 1}`];
  }
  return "nrPages" in value ? ["folio"] : [];
}
