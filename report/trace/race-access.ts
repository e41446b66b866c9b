/** Accesses to shared memory as text: the value for a read, `old → new` for a write. */
import * as v from "valibot";
import type { AccessedField, StepAccess } from "../../model/race/step-access.ts";
import { plural } from "../text/numbers.ts";
import { folioName, isPresent, mmName, NOTHING, pteText, rightsOf } from "./entry.ts";

/** Fields that store one less than their logical value. */
const MAPCOUNT = /\.(?:largeMapcount|entireMapcount|mapcount)$/;
const ENTRY = /^(mms\[\d+\]\.vmas\[\d+\]\.(?:pmd|ptes\[\d+\]))\.(\w+)$/;

const entrySchema = v.object({
  folio: v.number(),
  page: v.exactOptional(v.number()),
  writable: v.exactOptional(v.boolean()),
  migration: v.exactOptional(v.boolean()),
  exclusive: v.exactOptional(v.boolean()),
});

/** Whether an access changes the value of a field. */
export function changesMemory({ kind, fields }: StepAccess): boolean {
  return (
    (kind === "store" || kind === "rmw" || kind === "drain") && fields.some(({ before, after }) => before !== after)
  );
}

/** Whether an access takes or releases a lock. */
export function isLocking({ kind }: StepAccess): boolean {
  return kind === "lock" || kind === "unlock";
}

/**
 * Formats an access. Mapcounts are logical values.
 *
 * @param state the state before the step
 */
export function accessText(access: StepAccess, state: unknown): string {
  const { kind, text, object, ignored } = access;
  const [name, before, after] = valuesOf(access, state);
  const change = before === after ? `${after}` : `${before} → ${after}`;
  switch (kind) {
    case "load":
      return `load ${name}: ${before}${ignored === undefined ? "" : `, ${plural(ignored, "newer write")} not seen`}`;
    case "store":
      return `store ${name}: ${before === after ? `${after} as before` : change}`;
    case "rmw":
      return `${text}: ${change}`;
    case "drain":
      return `store of ${object} reaches memory: ${change}`;
    case "lock":
    case "unlock":
    case "await":
    case "fence":
      return text;
  }
}

/** Returns the name of the accessed object with its values before and after; for an entry, the whole entry. */
function valuesOf(
  { fields, object }: StepAccess,
  state: unknown,
): readonly [name: string, before: string, after: string] {
  const [first] = fields;
  if (first === undefined) {
    return [object, "", ""];
  }
  const entry = ENTRY.exec(first.path)?.[1];
  if (entry === undefined) {
    const text = (value: number): string => valueText(first, value);
    return [first.name, text(first.before), text(first.after)];
  }
  return [object, entryText(entry, fields, "before", state), entryText(entry, fields, "after", state)];
}

function valueText({ path }: AccessedField, value: number): string {
  if (path.endsWith(".mmId")) {
    return value === 0 ? "free" : mmName(value - 1);
  }
  return String(MAPCOUNT.test(path) ? value + 1 : value);
}

/** Formats the entry at a path, with the values before or after an access. */
function entryText(path: string, fields: readonly AccessedField[], when: "before" | "after", state: unknown): string {
  const entry: { [field: string]: unknown } = { ...(valueAt(state, path) as object) };
  for (const field of fields) {
    const name = ENTRY.exec(field.path)?.[2] ?? "";
    entry[name] = typeof entry[name] === "boolean" ? field[when] !== 0 : field[when];
  }
  const read = v.safeParse(entrySchema, entry);
  if (!read.success || read.output.folio === 0) {
    return NOTHING;
  }
  const { page, folio, ...rights } = read.output;
  if (page !== undefined) {
    return pteText({ ...rights, folio, page });
  }
  const text = `${folioName(folio - 1)}${rightsOf(rights as typeof rights & { folio: number })}`;
  return isPresent({ ...rights, folio }) ? text : `(${text})`;
}

function valueAt(state: unknown, path: string): unknown {
  return path
    .split(/[.[\]]+/)
    .filter((name) => name !== "")
    .reduce<unknown>((value, name) => (value as { readonly [name: string]: unknown } | undefined)?.[name], state);
}
