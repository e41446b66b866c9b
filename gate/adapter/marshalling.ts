/** Marshalling: encodes a folio into the exchange buffer and decodes it, with its opaque words. */
import type { Kernel } from "../../model/kernel/kernel.ts";
import type { Folio, KernelState, TrackedFolio } from "../../model/state/structs.ts";
import { BufferField, Flag } from "../harness/harness.ts";
import { packFolio, packTracked, unpackFolio, unpackTracked } from "./exchange-buffer.ts";
import type { Instance } from "./instance.ts";
import { packOpaqueWords, unpackOpaqueWords, type WithOpaqueWords } from "./opaque-words.ts";
import type { Raised } from "./raised.ts";

/** Marshalling of one kind of folio. */
export interface Marshalling<F extends TrackedFolio> {
  readonly pack: (exchange: Int32Array, folio: F) => void;
  /**
   * @param swapArea the model with the swap area, if the C code may remove the folio from the swap cache
   * @throws FieldRangeError for a value that no execution of a correct kernel leaves
   */
  readonly unpack: (folio: F, swapArea: KernelState | undefined) => void;
}

/** The dependencies of marshalling. */
interface MarshallingOptions {
  readonly instance: Instance;
  readonly base: Kernel;
  /** Receives faults for impossible values. */
  readonly raised: Raised;
  /** Whether folios have opaque words. */
  readonly hasOpaqueWords: boolean;
}

/** Returns the marshalling of a folio with all fields. */
export function wholeFolio({
  instance: { exchange, room },
  base,
  raised,
  hasOpaqueWords,
}: MarshallingOptions): Marshalling<Folio> {
  return {
    pack: (into, folio) => {
      packFolio(into, folio, room);
      if (hasOpaqueWords) {
        packOpaqueWords(into, folio as Folio & WithOpaqueWords);
      }
    },
    unpack: (folio, swapArea) => {
      if (
        swapArea !== undefined &&
        folio.swapcache &&
        ((exchange[BufferField.flags] as number) & Flag.swapcache) === 0
      ) {
        // The C code has no swap area: free the folio's slots in the model.
        base.folioFreeSwap(swapArea, folio);
      }
      unpackFolio(exchange, folio, room);
      if (hasOpaqueWords) {
        unpackOpaqueWords(exchange, folio as Folio & WithOpaqueWords);
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

/** Returns the marshalling of the owner-tracking fields. */
export function trackedFolio({
  instance: { exchange },
  base,
  raised,
  hasOpaqueWords,
}: MarshallingOptions): Marshalling<TrackedFolio> {
  /** Returns the correct `_total_mapped_pages`: in the owner-tracking machine, PTEs alone map the folio. */
  const pagesOfPtes = ({ largeMapcount }: TrackedFolio): number =>
    base.tracksTotalMappedPages ? largeMapcount + 1 : 0;
  return {
    pack: (into, folio) => {
      packTracked(into, folio, pagesOfPtes(folio));
      if (hasOpaqueWords) {
        packOpaqueWords(into, folio as TrackedFolio & WithOpaqueWords);
      }
    },
    unpack: (folio) => {
      unpackTracked(exchange, folio);
      if (hasOpaqueWords) {
        unpackOpaqueWords(exchange, folio as TrackedFolio & WithOpaqueWords);
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
