/** The ground truth of the `rmap` machine: who really maps what, counted from the page tables. */
import { at } from "../../explore/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { RmapFolio, RmapMm, RmapTruth, RmapView, World } from "../view.ts";

/** The counts of one folio. */
class FolioCounts implements RmapTruth {
  readonly folio: RmapFolio;
  readonly mappingsOf: Int32Array;
  readonly mappingsOfPage: Int32Array;
  mappings = 0;
  mappingMms = 0;
  mappedPages = 0;

  constructor(folio: RmapFolio, mms: number) {
    this.folio = folio;
    this.mappingsOf = new Int32Array(mms);
    this.mappingsOfPage = new Int32Array(folio.pages.length);
  }

  clear(): void {
    this.mappings = 0;
    this.mappingMms = 0;
    this.mappedPages = 0;
    for (let i = 0; i < this.mappingsOf.length; i++) {
      this.mappingsOf[i] = 0;
    }
    for (let i = 0; i < this.mappingsOfPage.length; i++) {
      this.mappingsOfPage[i] = 0;
    }
  }

  add(mm: number, page: number): void {
    const ofMm = this.mappingsOf[mm] as number;
    const ofPage = this.mappingsOfPage[page] as number;
    this.mappings += 1;
    this.mappingMms += ofMm === 0 ? 1 : 0;
    this.mappedPages += ofPage === 0 ? 1 : 0;
    this.mappingsOf[mm] = ofMm + 1;
    this.mappingsOfPage[page] = ofPage + 1;
  }
}

/** A view of a state that counts its page tables when someone asks, once after each refresh. */
export class PageTableView implements RmapView {
  readonly world: World;
  readonly kernel: Kernel;
  readonly mms: readonly RmapMm[];
  private readonly counts: readonly FolioCounts[];
  private stale = true;

  constructor(world: World, kernel: Kernel) {
    this.world = world;
    this.kernel = kernel;
    this.mms = world.mms;
    this.counts = world.folios.map((folio) => new FolioCounts(folio, world.mms.length));
  }

  get folios(): readonly FolioCounts[] {
    if (this.stale) {
      this.stale = false;
      this.count();
    }
    return this.counts;
  }

  refresh(): void {
    this.stale = true;
  }

  private count(): void {
    const { counts, mms } = this;
    for (let f = 0; f < counts.length; f++) {
      at(counts, f).clear();
    }
    for (let m = 0; m < mms.length; m++) {
      const { vmas } = at(mms, m);
      for (let v = 0; v < vmas.length; v++) {
        const { ptes } = at(vmas, v);
        for (let i = 0; i < ptes.length; i++) {
          const pte = at(ptes, i);
          if (pte.folio !== 0) {
            at(counts, pte.folio - 1).add(m, pte.page);
          }
        }
      }
    }
  }
}
