/** Claims about a file that processes share. */

import { always, type Property } from "../explore/model/model.ts";
import { at } from "../explore/model/schema.ts";
import type { WorldView } from "../model/environment/view.ts";
import type { World } from "../model/state/world.ts";
import { ofEach, unequal } from "./fault.ts";

/** Returns the content of a page of the file, in memory or swapped out; 0 for a hole. */
function contentOf(world: World, index: number): number {
  const { swap } = at(world.filePages, index);
  if (swap !== 0) {
    const slot = at(world.swapSlots, swap - 1);
    if (slot.folio === 0) {
      return slot.content;
    }
    const cached = at(world.folios, slot.folio - 1);
    return at(cached.pages, swap - 1 - cached.swap).content;
  }
  for (let f = 0; f < world.folios.length; f++) {
    const folio = at(world.folios, f);
    if (folio.inPageCache && index >= folio.index && index < folio.index + folio.nrPages) {
      return at(folio.pages, index - folio.index).content;
    }
  }
  return 0;
}

/** C9, files. */
export const writesAreShared: Property<WorldView> = always({
  id: "C9.file",
  claim: "A page of a file that processes share holds what was last written there, in memory and swapped out",
  source: "mm/shmem.c, shmem_writeout(), shmem_swapin_folio()",
  holds: ({ world }) => {
    for (let i = 0; i < world.filePages.length; i++) {
      if (contentOf(world, i) !== at(world.filePages, i).expected) {
        return false;
      }
    }
    return true;
  },
  faults: ({ world }) =>
    ofEach(world.filePages, ({ expected }, filePage) =>
      unequal("content", contentOf(world, filePage), expected, { filePage }),
    ),
});
