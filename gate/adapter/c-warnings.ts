/** The C code's own warnings, as a claim. */
import { noWarning, type Property } from "../../explore/model/model.ts";

/** @param codes those of its warnings, and of what no call may do or leave behind */
export function cWarnings(codes: readonly number[]): Property<unknown> {
  return noWarning<unknown>({
    id: "C5.compiled",
    claim: "The C code never warns, gives back the large-mapcount lock, and writes what the model knows of",
    source: "the VM_WARN_ON() and bad_page() of the tree",
    codes,
  });
}
