/** Patches to information in /proc. The overridden functions are in model/kernel/proc.ts. */
import { at } from "../../../explore/model/schema.ts";
import * as base from "../../kernel/proc.ts";
import { faulty, type Variant } from "../variant.ts";
import { neverShows, violates } from "./catch.ts";

const ANON = { pages: 4, minPages: 4, mms: 2 };
const PMD = { pages: 2, mms: 2 };

/** Faulty versions of the information about mappings in /proc. */
export const procVariants: readonly Variant[] = [
  faulty("precise-takes-page-type", {
    summary: "The precise mapcount of a page that has a page type is that type",
    caught: violates("C16.page-type", 2, "struct-pages", { pages: 2 }),
    overrides: {
      folioPrecisePageMapcount(folio, page) {
        return at(folio.pages, page).mapcount + 1 + (this.folioTestLarge(folio) ? this.folioEntireMapcount(folio) : 0);
      },
    },
  }),
  faulty("average-of-page-type-is-0", {
    summary: "The average mapcount of a page that has a page type is 0, as the RFC of 2026-04-12 makes it",
    caught: neverShows("C16.page-type-average", "struct-pages", { pages: 2 }, "no-page-mapcount"),
    overrides: {
      folioAveragePageMapcount(folio) {
        return this.folioTestLarge(folio) ? base.folioAveragePageMapcount.call(this, folio) : this.folioMapcount(folio);
      },
    },
  }),
  faulty("precise-without-pmds", {
    summary: "The precise mapcount of a page does not count the PMDs that map it",
    caught: violates("C16", 1, "pmd", PMD),
    overrides: {
      folioPrecisePageMapcount(folio, page) {
        return at(folio.pages, page).mapcount + 1;
      },
    },
  }),
  faulty("average-rounds-down", {
    summary: "The average mapcount is rounded down instead of to the closest integer",
    caught: violates("C16.average", 3, "rmap", { ...ANON, mms: 2 }, "no-page-mapcount"),
    overrides: {
      folioAveragePageMapcount(folio) {
        const mapcount = this.folioMapcount(folio);
        const entireMapcount = this.folioEntireMapcount(folio);
        if (!this.folioTestLarge(folio) || mapcount <= entireMapcount) {
          return base.folioAveragePageMapcount.call(this, folio);
        }
        return Math.max(Math.floor((mapcount - entireMapcount) / folio.nrPages) + entireMapcount, 1);
      },
    },
  }),
  faulty("average-of-a-mapped-folio-is-0", {
    summary: "The average mapcount is not raised to 1 while anything maps the folio",
    caught: violates("C16.average", 2, "rmap", ANON, "no-page-mapcount"),
    overrides: {
      folioAveragePageMapcount(folio) {
        const mapcount = this.folioMapcount(folio);
        return this.folioTestLarge(folio) ? Math.floor((mapcount + folio.nrPages / 2) / folio.nrPages) : mapcount;
      },
    },
  }),
  faulty("private-by-average", {
    summary:
      "With CONFIG_NO_PAGE_MAPCOUNT, smaps counts a page as private when the folio's average mapcount is below 2",
    caught: violates("C15", 3, "rmap", ANON, "no-page-mapcount"),
    overrides: {
      smapsPrivate(folio, page) {
        return folio.refcount === 1 || this.kpagecount(folio, page) < 2;
      },
    },
  }),
  faulty("pagemap-by-average", {
    summary: "With CONFIG_NO_PAGE_MAPCOUNT, pagemap reports a page as exclusive when the folio's average mapcount is 1",
    caught: violates("C15.pagemap", 3, "rmap", ANON, "no-page-mapcount"),
    overrides: {
      pagemapMmapExclusive(folio, page) {
        return this.kpagecount(folio, page) === 1;
      },
    },
  }),
  faulty("pagemap-asks-each-page-of-a-pmd", {
    summary: "pagemap evaluates each page that a PMD maps, which is more exact than the kernel",
    caught: neverShows("C15.pagemap-pmd", "pmd", PMD),
    overrides: {
      pagemapPmdMmapExclusive(folio, page) {
        return this.pagemapMmapExclusive(folio, page);
      },
    },
  }),
  faulty("never-private", {
    summary: "smaps counts every page as shared",
    caught: violates("C15.exact", 1, "rmap", ANON),
    overrides: {
      smapsPrivate() {
        return false;
      },
    },
  }),
  faulty("never-exclusive-in-pagemap", {
    summary: "pagemap never reports that a page is mapped exclusively",
    caught: violates("C15.exact", 1, "rmap", ANON),
    overrides: {
      pagemapMmapExclusive() {
        return false;
      },
    },
  }),
];
