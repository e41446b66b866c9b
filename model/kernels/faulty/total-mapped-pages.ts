/** Mistakes in `_total_mapped_pages`. The overridden functions are in model/kernel/rfc-2026-04.ts. */
import { at } from "../../../explore/model/schema.ts";
import { DEFAULT_CONFIG } from "../../kernel/config.ts";
import { rfc_2026_04 } from "../rfc-2026-04.ts";
import { faulty, type Variant } from "../variant.ts";
import { violates } from "./catch.ts";

const base = rfc_2026_04({ ...DEFAULT_CONFIG, pageMapcount: false });

const ANON = { pages: 4, mms: 2 };
const FILE = { ...ANON, anon: 0, file: 1 };
const CONFIG = "no-page-mapcount";

/** Faulty versions of the RFC of 2026-04-12. */
export const totalMappedPagesVariants: readonly Variant[] = [
  faulty("total-removed-by-one", {
    base: base.name,
    summary: "Removing a batch of PTE mappings lowers _total_mapped_pages by one instead of by the batch",
    caught: violates("C4.bad-page", 2, "rmap", ANON, CONFIG),
    overrides: {
      folioRemoveRmapPtes(stats, folio, page, nrPages, mm) {
        base.folioRemoveRmapPtes.call(this, stats, folio, page, nrPages, mm);
        if (this.folioTestLarge(folio)) {
          folio.totalMappedPages += nrPages - 1;
        }
      },
    },
  }),
  faulty("pmd-dup-adds-one", {
    base: base.name,
    summary: "fork() adds one to _total_mapped_pages for a PMD mapping, instead of the pages that it maps",
    caught: violates("C6.total-mapped-pages", 2, "pmd", ANON, CONFIG),
    overrides: {
      dupMappings(folio, page, nrPages, dstMm, srcMm, level, share) {
        base.dupMappings.call(this, folio, page, nrPages, dstMm, srcMm, level, share);
        if (level === "pmd") {
          folio.totalMappedPages -= nrPages - 1;
        }
      },
    },
  }),
  faulty("first-pmd-looks-at-total", {
    base: base.name,
    summary:
      "A PMD mapping counts as the first one only if _total_mapped_pages equals its pages: not if PTEs map the " +
      "folio, too",
    caught: violates("C12.pmd", 4, "pmd", FILE, CONFIG),
    overrides: {
      folioAddRmap(stats, folio, page, nrPages, mm, level) {
        const { nrAnonThps, nrFilePmdmapped } = stats;
        base.folioAddRmap.call(this, stats, folio, page, nrPages, mm, level);
        if (level === "pmd" && folio.totalMappedPages !== nrPages) {
          stats.nrAnonThps = nrAnonThps;
          stats.nrFilePmdmapped = nrFilePmdmapped;
        }
      },
    },
  }),
  faulty("average-takes-page-type", {
    base: base.name,
    summary: "The average mapcount of a page that has a page type is that type, as up to Linux 7.1",
    caught: violates("C16.page-type", 2, "struct-pages", { pages: 2 }, CONFIG),
    overrides: {
      folioAveragePageMapcount(folio) {
        return this.folioTestLarge(folio)
          ? base.folioAveragePageMapcount.call(this, folio)
          : at(folio.pages, 0).mapcount + 1;
      },
    },
  }),
  faulty("average-of-mappings", {
    base: base.name,
    summary: "The average page mapcount is taken of mappings, as if each mapped one page",
    caught: violates("C16.average", 2, "pmd", ANON, CONFIG),
    overrides: {
      folioAveragePageMapcount(folio) {
        const { nrPages } = folio;
        const mapcount = this.folioMapcount(folio);
        return mapcount === 0 ? 0 : Math.max(Math.floor((mapcount + nrPages / 2) / nrPages), 1);
      },
    },
  }),
];
