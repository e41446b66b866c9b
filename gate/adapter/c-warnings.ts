/** The claim that the C code raises no warning of its own. */
import { noWarning, type Property } from "../../explore/model/model.ts";

/** @param codes codes of the C code's warnings, and of the side effects that no call may have (EffectCode) */
export function cWarnings(codes: readonly number[]): Property<unknown> {
  return noWarning<unknown>({
    id: "C5.compiled",
    claim: "The C code never warns, releases the large-mapcount lock, and writes only fields that the model has",
    source: "the VM_WARN_ON() and bad_page() of the tree",
    codes,
  });
}
