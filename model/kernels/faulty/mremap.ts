/** Patches to moving page table entries. The overridden functions are in model/kernel/mremap.ts. */
import { at } from "../../../explore/model/schema.ts";
import { copyPte } from "../../kernel/pgtable.ts";
import { faulty, type Variant } from "../variant.ts";
import { violates } from "./catch.ts";

/** Faulty versions of mremap(). */
export const mremapVariants: readonly Variant[] = [
  faulty("mremap-leaves-entry", {
    summary: "mremap() writes the new entry and leaves the old one",
    caught: violates("C6.page-mapcount", 2, "mremap", { pages: 2, mms: 1, smallFolios: 0 }),
    overrides: {
      movePtes({ ptes }, oldEntry, newEntry) {
        copyPte(at(ptes, newEntry), at(ptes, oldEntry));
      },
    },
  }),
];
