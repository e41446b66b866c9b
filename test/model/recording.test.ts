import { expect, test } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import type { KernelPatch } from "../../model/kernel/kernel.ts";
import { recording } from "../../model/kernel/recording.ts";
import { Warning } from "../../model/kernel/warnings.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import { HolderKind } from "../../model/state/world.ts";
import { machineNamed } from "../../verify/job/job.ts";
import { callTexts } from "../report/call-trees.ts";
import { call } from "../report/executed.ts";

/** Returns the functions that run in the last of the given steps. */
function functionsOf(
  machine: string,
  bounds: { readonly [name: string]: number },
  calls: readonly ReturnType<typeof call>[],
  overrides: KernelPatch = {},
): string[] {
  const definition = machineNamed(machine);
  const usual = Object.fromEntries(definition.bounds.map((each) => [each.name, each.default]));
  const notes = recording({ ...v7_1(parseConfig("")), ...overrides });
  const interpreter = interpret(definition.build({ ...usual, ...bounds }, notes.kernel));
  let state = interpreter.initialStates[0];
  for (const each of calls) {
    notes.take();
    state = interpreter.step(state, each);
  }
  return callTexts(notes.take());
}

const FAULT = call("anonFault", { mm: 0, first: 0, pages: 2 });
const FORK = call("fork", { parent: 0, child: 1 });

test("functions are spelled as the kernel spells them, with MMs, folios, pages, entries and flags", () => {
  expect(functionsOf("rmap", { pages: 2 }, [FAULT])).toEqual([
    "folio_alloc(order 1) = folio 0",
    "do_anonymous_page(mm 0, entries 0–1, folio 0)",
    "  folio_add_new_anon_rmap(folio 0, mm 0, RMAP_EXCLUSIVE)",
    "    folio_set_large_mapcount(folio 0, 2, mm 0)",
    "      takes a free slot",
  ]);
  expect(functionsOf("rmap", { pages: 2 }, [FAULT, call("unmap", { mm: 0, vma: 0, first: 1, count: 1 })])).toEqual([
    "zap_pte_range(mm 0, entry 1)",
    "  zap_present_folio_ptes(folio 0, mm 0, entry 1)",
    "    folio_remove_rmap_ptes(folio 0, page 1, mm 0)",
    "      __folio_remove_rmap(folio 0, page 1, mm 0, pte)",
    "        folio_sub_return_large_mapcount(folio 0, 1, mm 0) = 1",
    "          subtracts from the slot of the MM",
    "        deferred_split_folio(folio 0, partially_mapped)",
    "    folio_put_refs(folio 0, 1)",
  ]);
});

test("an error stands as the kernel returns it, success is left out", () => {
  const pins = { pages: 2, minPages: 2, smallFolios: 2, holders: 1 };
  const pin = call("gup", { mm: 0, entry: 0, kind: HolderKind.pin });
  expect(functionsOf("pins", pins, [FAULT, pin])).toEqual([
    "follow_page_mask(mm 0, entry 0, FOLL_PIN)",
    "  try_grab_folio(folio 0, FOLL_PIN)",
  ]);
  expect(functionsOf("pins", pins, [FAULT, pin, FORK]).slice(0, 6)).toEqual([
    "mm_alloc_id(mm 1)",
    "copy_pte_range(mm 1, from mm 0)",
    "  folio_try_dup_anon_rmap_ptes(folio 0, pages 0–1, mm 1, from mm 0) = -EBUSY",
    "    __folio_try_dup_anon_rmap(folio 0, pages 0–1, mm 1, from mm 0, pte) = -EBUSY",
    "  folio_alloc(order 0) = folio 1",
    "  folio_try_dup_anon_rmap_ptes(folio 0, page 0, mm 1, from mm 0) = -EBUSY",
  ]);
});

test("queries are left out, also those of the environment before a step", () => {
  const cow = { pages: 2, minPages: 2, smallFolios: 0, holders: 0 };
  const lines = functionsOf("cow", cow, [
    FAULT,
    FORK,
    call("exit", { mm: 0 }),
    call("writeFault", { mm: 1, entry: 0 }),
  ]);
  expect(lines).toEqual([
    "do_wp_page(mm 1, entry 0)",
    "  wp_can_reuse_anon_folio(folio 0, mm 1) = true",
    "    __wp_can_reuse_large_anon_folio(folio 0, mm 1) = true",
  ]);
});

test("a walk shows the MMs where it did something, and a split no allocation", () => {
  const split = call("split", { folio: 0, walk: "0,1" });
  const lines = functionsOf("split", { pages: 2, smallFolios: 1, holders: 0 }, [FAULT, split]).map((line) =>
    line.trim(),
  );
  expect(lines.filter((line) => line.startsWith("try_to_migrate_one"))).toEqual([
    "try_to_migrate_one(folio 0, mm 0, TTU_SPLIT_HUGE_PMD)",
  ]);
  expect(lines.filter((line) => line.startsWith("__split_folio_to_order") || line.startsWith("folio_alloc"))).toEqual([
    "__split_folio_to_order(folio 0, page 1) = folio 1",
  ]);
});

test("a warning stands where it was raised", () => {
  const lines = functionsOf("rmap", { pages: 2 }, [FAULT, FORK], {
    __copyPresentPtes() {
      this.vmWarnOn(true, Warning.badPte);
      this.vmWarnOn(false, Warning.badPte);
    },
  });
  expect(lines.slice(-2)).toEqual([
    "  __copy_present_ptes(entries 0–1)",
    "    zap_present_folio_ptes() warns: bad pte: the folio's mapcount is negative",
  ]);
});
