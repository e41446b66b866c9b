/** How a folio comes into the exchange buffer and out of it, with the words that only the C code understands. */
import type { Kernel } from "../../model/kernel/kernel.ts";
import type { Folio, Machine, TrackedFolio } from "../../model/state/structs.ts";
import { BufferField, Flag } from "../harness/harness.ts";
import {
  packExtra,
  packFolio,
  packTracked,
  unpackExtra,
  unpackFolio,
  unpackTracked,
  type WithExtra,
} from "./exchange-buffer.ts";
import type { Instance } from "./instance.ts";
import type { Raised } from "./raised.ts";

/** The two ways of a folio. */
export interface Handover<F extends TrackedFolio> {
  readonly pack: (exchange: Int32Array, folio: F) => void;
  /**
   * @param swapArea where the model's swap area is, when the C code may take the folio out of the swap cache
   * @throws FieldRangeError for a value that no execution of a right kernel leaves
   */
  readonly unpack: (folio: F, swapArea: Machine | undefined) => void;
}

/** What the ways of a folio depend on. */
interface Hand {
  readonly instance: Instance;
  readonly base: Kernel;
  /** Where what cannot be is raised. */
  readonly raised: Raised;
  /** Whether folios have words that only the C code understands. */
  readonly hasExtra: boolean;
}

/** The way of a folio with everything. */
export function wholeFolio({ instance: { exchange, room }, base, raised, hasExtra }: Hand): Handover<Folio> {
  return {
    pack: (into, folio) => {
      packFolio(into, folio, room);
      if (hasExtra) {
        packExtra(into, folio as Folio & WithExtra);
      }
    },
    unpack: (folio, swapArea) => {
      if (
        swapArea !== undefined &&
        folio.swapcache &&
        ((exchange[BufferField.flags] as number) & Flag.swapcache) === 0
      ) {
        // What the swap area knows of it; the C code has no swap area.
        base.folioFreeSwap(swapArea, folio);
      }
      unpackFolio(exchange, folio, room);
      if (hasExtra) {
        unpackExtra(exchange, folio as Folio & WithExtra);
      }
      if (exchange[BufferField.index] !== folio.index) {
        raised.raiseImpossible({
          kind: "folio-index",
          before: folio.index,
          after: exchange[BufferField.index] as number,
        });
      }
    },
  };
}

/** The way of the part that MM owner tracking is about. */
export function trackedFolio({ instance: { exchange }, base, raised, hasExtra }: Hand): Handover<TrackedFolio> {
  /** What `_total_mapped_pages` has to be where PTEs alone map the folio: the owner-tracking machine only counts mappings. */
  const pagesOfPtes = ({ largeMapcount }: TrackedFolio): number =>
    base.tracksTotalMappedPages ? largeMapcount + 1 : 0;
  return {
    pack: (into, folio) => {
      packTracked(into, folio, pagesOfPtes(folio));
      if (hasExtra) {
        packExtra(into, folio as TrackedFolio & WithExtra);
      }
    },
    unpack: (folio) => {
      unpackTracked(exchange, folio);
      if (hasExtra) {
        unpackExtra(exchange, folio as TrackedFolio & WithExtra);
      }
      const pages = pagesOfPtes(folio);
      if (exchange[BufferField.totalMappedPages] !== pages) {
        raised.raiseImpossible({
          kind: "total-mapped-pages",
          value: exchange[BufferField.totalMappedPages] as number,
          pages,
        });
      }
    },
  };
}
