/** Names of the ways in which references are taken. */
import { HolderKind } from "../../model/state/world.ts";

/** Text of a holder without a reference. */
export const NO_REFERENCE: string = "none";

/** Returns the kernel's name of the way a reference was taken. */
export function holderKindName(kind: number): string {
  switch (kind) {
    case HolderKind.none:
      return NO_REFERENCE;
    case HolderKind.speculative:
      return "folio_try_get()";
    case HolderKind.get:
      return "FOLL_GET";
    case HolderKind.pin:
      return "FOLL_PIN";
    case HolderKind.pinWrite:
      return "FOLL_PIN | FOLL_WRITE";
    default:
      return `kind ${kind}`;
  }
}
