/** Patches to pins and references. The overridden functions are in model/kernel/gup.ts. */
import { at } from "../../../explore/model/schema.ts";
import * as base from "../../kernel/gup.ts";
import { Followed } from "../../state/structs.ts";
import { faulty, type Variant } from "../variant.ts";
import { violates } from "./catch.ts";

const SMALL = { pages: 1, mms: 2, smallFolios: 1 };
const LARGE = { pages: 2, minPages: 2, mms: 2, smallFolios: 1 };

/** Faulty versions of GUP. */
export const gupVariants: readonly Variant[] = [
  faulty("write-pin-through-read-only-entry", {
    summary: "A pin for writing does not ask whether the entry is writable, so that it may be of a shared page",
    caught: violates("C11.pin", 3, "pins", SMALL),
    overrides: {
      followPagePte(state, mm, pte, pin, write) {
        if (!write) {
          return base.followPagePte.call(this, state, mm, pte, pin, write);
        }
        this.tryGrabFolio(at(state.folios, pte.folio - 1), mm, pin);
        return Followed.page;
      },
    },
  }),
  faulty("pin-shared-page", {
    summary:
      "A read-only pin is taken on a shared page: a write fault replaces the page, and the pin refers to the old one",
    caught: violates("C11.pin", 3, "pins", SMALL),
    overrides: {
      gupMustUnshare() {
        return false;
      },
    },
  }),
  faulty("pin-asks-head-page", {
    summary:
      "Whether a page of a large folio must be made exclusive before it is pinned is decided by the flag of the head " +
      "page",
    caught: violates("C11.pin", 4, "pins", LARGE),
    overrides: {
      gupMustUnshare(folio, _page, pin, write) {
        return base.gupMustUnshare.call(this, folio, 0, pin, write);
      },
    },
  }),
  faulty("pin-without-reference", {
    summary: "A pin on a large folio increments its pincount and takes no reference",
    caught: violates("C7", 2, "pins", LARGE),
    overrides: {
      tryGrabFolio(folio, mm, pin) {
        base.tryGrabFolio.call(this, folio, mm, pin);
        if (pin && this.folioHasPincount(folio)) {
          this.folioRefSub(folio, 1);
        }
      },
    },
  }),
  faulty("pin-forgets-mm", {
    summary: "Pinning does not set MMF_HAS_PINNED, so that fork() does not check for pins",
    caught: violates("C11.pinned", 3, "pins", SMALL),
    overrides: {
      tryGrabFolio(folio, mm, pin) {
        const { hasPinned } = mm;
        base.tryGrabFolio.call(this, folio, mm, pin);
        mm.hasPinned = hasPinned;
      },
    },
  }),
  faulty("unpin-keeps-pincount", {
    summary: "Letting go of a pin on a large folio drops the reference and leaves the pincount",
    caught: violates("C7.pincount", 3, "pins", LARGE),
    overrides: {
      gupPutFolio(folio, pin) {
        if (pin && this.folioHasPincount(folio)) {
          this.folioPutRefs(folio, 1);
        } else {
          base.gupPutFolio.call(this, folio, pin);
        }
      },
    },
  }),
  faulty("unpin-puts-one", {
    summary: "Letting go of a pin on a small folio drops one reference instead of GUP_PIN_COUNTING_BIAS",
    caught: violates("C7", 3, "pins", SMALL),
    overrides: {
      gupPutFolio(folio, pin) {
        base.gupPutFolio.call(this, folio, pin && this.folioHasPincount(folio));
      },
    },
  }),
];
