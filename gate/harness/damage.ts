/** Fault injection into a struct page, in C: for the harnesses that free or split folios. */
import { PageDamage } from "../../model/kernel/page-damage.ts";
import { PGTY_TABLE } from "../../model/state/structs.ts";
import { cSource, defines } from "./c-source.ts";

const codes = `${defines("DAMAGE", PageDamage)}\n${defines("GATE", { PGTY_TABLE })}`;

/**
 * C source of `gate_damage(head, i, damage)`: damages struct page `i` of the intact folio at `head`. It requires the
 * macros GATE_LINK_TAIL() and GATE_UNLINK_TAIL(), and PG_locked.
 */
export const DAMAGE: string = `\n${codes}\n${cSource("./damage.c", import.meta.url)}`;
