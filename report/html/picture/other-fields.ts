/** Fields of a state that are not in its picture, in words where there are any. */
import type { Fault } from "../../../invariants/fault.ts";
import { pathsOf } from "../../trace/paths.ts";
import type { Worlds } from "../../trace/state.ts";
import type { Fact } from "./fact.ts";
import { faultValues } from "./fault-text.ts";

/** Field with its value, and that before the step. */
export interface OtherField extends Fact {
  readonly name: string;
}

/** Whether a fault is about a statistic, which belongs to no folio. */
export function isOfStatistic({ field }: Fault): boolean {
  return Object.values(STATS).includes(field);
}

/** The kernel's names of statistics, which pictures do not show. */
const STATS: { readonly [name: string]: string } = {
  nrAnonMapped: "NR_ANON_MAPPED",
  nrFileMapped: "NR_FILE_MAPPED",
  nrAnonThps: "NR_ANON_THPS",
  nrFilePmdmapped: "NR_FILE_PMDMAPPED",
};

/**
 * Returns the statistics that are not 0 and the other fields that changed; of a state without a picture, every field.
 *
 * @param worlds the drawable part; undefined if there is none
 * @param faults places that violate the claim; those about statistics are shown beside them
 */
export function otherFields(
  state: unknown,
  before: unknown,
  worlds: Worlds | undefined,
  worldsBefore: Worlds | undefined,
  faults: readonly Fault[] = [],
): OtherField[] {
  const now = pathsOf(state);
  const earlier = before === undefined ? now : pathsOf(before);
  const isDrawn = new Set([...(worlds?.paths ?? []), ...(worldsBefore?.paths ?? [])]);
  const fields = [...new Set([...earlier.keys(), ...now.keys()])].flatMap((path): OtherField[] => {
    const stat = STATS[path.split(".").at(-1) ?? ""];
    const [value, old] = [textOf(now, path), textOf(earlier, path)];
    const isChanged = value !== old;
    const isShown =
      worlds === undefined || (stat === undefined ? isChanged && !isDrawn.has(path) : isChanged || value !== "0");
    const fault = faults.find(({ field }) => field === stat);
    return isShown || fault !== undefined
      ? [
          {
            name: stat ?? path,
            now: value,
            ...(isChanged ? { before: old } : {}),
            ...(fault === undefined ? {} : { fault: faultValues(fault) }),
          },
        ]
      : [];
  });
  // Two kernels in lockstep have each statistic twice.
  return [...new Map(fields.map((field) => [JSON.stringify(field), field])).values()];
}

function textOf(paths: ReadonlyMap<string, unknown>, path: string): string {
  if (!paths.has(path)) {
    return "–";
  }
  const value = paths.get(path);
  return typeof value === "boolean"
    ? value
      ? "yes"
      : "no"
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
}
