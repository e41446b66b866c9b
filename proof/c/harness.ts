/** The harness of a proof: C of our own behind the translation unit of a tree. */
import { cSource } from "../../gate/harness/c-source.ts";
import { STATE } from "../../gate/harness/harness.ts";

/** A function of the harness that reads a value. */
export type Reader =
  | "large_mapcount"
  | "id_0"
  | "id_1"
  | "count_0"
  | "count_1"
  | "shared"
  | "locked"
  | "warning"
  | "verdict"
  | "id_max"
  | "count_max";

/** A function of the harness that changes the folio. */
export type Changer = "load" | "fresh" | "set" | "add" | "sub";

/** The name under which a function of a harness is exported. */
export function exportedName(name: string): string {
  return `proof_${name.replaceAll("-", "_")}`;
}

/** The text of the harness. */
export const HARNESS: string = `${STATE}\n${cSource("./harness.c", import.meta.url)}`;
