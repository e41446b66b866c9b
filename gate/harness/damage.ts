/** Fault injection into a struct page, in C: for the harnesses that free or split folios. */
import { PageDamage } from "../../model/kernel/page-damage.ts";
import { PGTY_TABLE } from "../../model/state/structs.ts";
import { cSource } from "./c-source.ts";

const codes = Object.entries(PageDamage)
  .map(([name, code]) => `#define DAMAGE_${name} ${code}`)
  .concat(`#define GATE_PGTY_TABLE ${PGTY_TABLE}`)
  .join("\n");

/**
 * C source of `gate_damage(head, i, damage)`: damages struct page `i` of the intact folio at `head`. It requires the
 * macros GATE_LINK_TAIL() and GATE_UNLINK_TAIL(), and PG_locked.
 */
export const DAMAGE: string = `\n${codes}\n${cSource("./damage.c", import.meta.url)}`;
