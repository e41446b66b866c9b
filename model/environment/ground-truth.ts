/** Ground truth of the machines with page tables: mappings, counted from the page tables. */
import { at } from "../../explore/model/schema.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { HolderKind, type World, type WorldFolio, type WorldMm } from "../state/world.ts";
import type { PageTableTruth, WorldView } from "./view.ts";

/** Counts of one folio. */
export class FolioCounts implements PageTableTruth {
  readonly folio: WorldFolio;
  readonly mappingsOf: Int32Array;
  readonly mappingsOfPage: Int32Array;
  mappings = 0;
  mappingMms = 0;
  pmdMappings = 0;
  pteMappedPages = 0;
  migrationEntries = 0;
  heldReferences = 0;
  heldPins = 0;

  constructor(folio: WorldFolio, mms: number) {
    this.folio = folio;
    this.mappingsOf = new Int32Array(mms);
    this.mappingsOfPage = new Int32Array(folio.pages.length);
  }

  get mappedPages(): number {
    return this.pmdMappings > 0 ? this.folio.nrPages : this.pteMappedPages;
  }

  clear(): void {
    this.mappings = 0;
    this.mappingMms = 0;
    this.pmdMappings = 0;
    this.pteMappedPages = 0;
    this.migrationEntries = 0;
    this.heldReferences = 0;
    this.heldPins = 0;
    for (let i = 0; i < this.mappingsOf.length; i++) {
      this.mappingsOf[i] = 0;
    }
    for (let i = 0; i < this.mappingsOfPage.length; i++) {
      this.mappingsOfPage[i] = 0;
    }
  }

  addPte(mm: number, page: number): void {
    const ofPage = this.mappingsOfPage[page] as number;
    this.pteMappedPages += ofPage === 0 ? 1 : 0;
    this.mappingsOfPage[page] = ofPage + 1;
    this.addMapping(mm);
  }

  addPmd(mm: number): void {
    this.pmdMappings += 1;
    this.addMapping(mm);
  }

  private addMapping(mm: number): void {
    const ofMm = this.mappingsOf[mm] as number;
    this.mappings += 1;
    this.mappingMms += ofMm === 0 ? 1 : 0;
    this.mappingsOf[mm] = ofMm + 1;
  }
}

/** View of a state that counts the page tables lazily, once after each refresh. */
export class PageTableView implements WorldView {
  readonly world: World;
  readonly kernel: Kernel;
  readonly mms: readonly WorldMm[];
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
    const { counts, mms, world } = this;
    for (let f = 0; f < counts.length; f++) {
      at(counts, f).clear();
    }
    for (let m = 0; m < mms.length; m++) {
      this.countMm(m);
    }
    for (let h = 0; h < world.holders.length; h++) {
      const { kind, folio } = at(world.holders, h);
      if (kind !== HolderKind.none) {
        const ofFolio = at(counts, folio - 1);
        ofFolio.heldReferences += 1;
        ofFolio.heldPins += kind === HolderKind.pin || kind === HolderKind.pinWrite ? 1 : 0;
      }
    }
  }

  private countMm(m: number): void {
    const { vmas } = at(this.mms, m);
    for (let v = 0; v < vmas.length; v++) {
      const { pmd, ptes } = at(vmas, v);
      if (pmd.folio !== 0) {
        const ofFolio = at(this.counts, pmd.folio - 1);
        if (pmd.migration) {
          ofFolio.migrationEntries += 1;
        } else {
          ofFolio.addPmd(m);
        }
      }
      for (let i = 0; i < ptes.length; i++) {
        const pte = at(ptes, i);
        if (pte.folio === 0) {
          continue;
        }
        const ofFolio = at(this.counts, pte.folio - 1);
        if (pte.migration) {
          ofFolio.migrationEntries += 1;
        } else {
          ofFolio.addPte(m, pte.page);
        }
      }
    }
  }
}
