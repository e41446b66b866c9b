/** Places of source code as text. */
import type { SourcePlace } from "../../model/kernel/call-node.ts";

/** Formats a place: `mm/rmap.c:1813`. */
export function placeText({ file, line }: SourcePlace): string {
  return `${file}:${line}`;
}
