/** Damage of a struct page, in C: for each harness that frees folios or splits them. */
import { PageDamage } from "../../model/kernel/page-damage.ts";
import { PGTY_TABLE } from "../../model/state/structs.ts";
import { cSource } from "./c-source.ts";

const codes = Object.entries(PageDamage)
  .map(([name, code]) => `#define DAMAGE_${name} ${code}`)
  .concat(`#define GATE_PGTY_TABLE ${PGTY_TABLE}`)
  .join("\n");

/**
 * `gate_damage(head, i, damage)` damages struct page `i` of the folio at `head`, which is as it has to be. It wants the macros
 * GATE_LINK_TAIL() and GATE_UNLINK_TAIL(), and PG_locked.
 */
export const DAMAGE: string = `\n${codes}\n${cSource("./damage.c", import.meta.url)}`;
