/** Damage of a struct page, in C: for each driver that frees folios or splits them. */
import { PageDamage } from "../../model/kernel/page-damage.ts";
import { PGTY_TABLE } from "../../model/state/structs.ts";

const codes = Object.entries(PageDamage)
  .map(([name, code]) => `#define DAMAGE_${name} ${code}`)
  .join("\n");

/**
 * `gate_damage(head, i, damage)` damages struct page `i` of the folio at `head`, which is as it has to be. It wants the macros
 * GATE_LINK_TAIL() and GATE_UNLINK_TAIL(), and PG_locked.
 */
export const DAMAGE: string = `
${codes}
static __attribute__((noinline, no_instrument_function)) void gate_fill_page(struct page *page, unsigned long word)
{
	for (int i = 0; i < (int)(sizeof(struct page) / sizeof(word)); i++)
		((unsigned long *)page)[i] = word;
}

static __attribute__((noinline, no_instrument_function)) void gate_damage(struct page *head, int damaged, int damage)
{
	struct page *page = head + damaged;

	switch (damage) {
	case DAMAGE_mapping:
		page->mapping = (struct address_space *)0x40;
		break;
	case DAMAGE_notTail:
		GATE_UNLINK_TAIL(page);
		break;
	case DAMAGE_otherHead:
		GATE_LINK_TAIL(page, head - 1, 0);
		break;
	case DAMAGE_refcount:
		atomic_set(&page->_refcount, 1);
		break;
	case DAMAGE_locked:
		*(unsigned long *)&page->flags |= 1UL << PG_locked;
		break;
	case DAMAGE_private:
		page->private = 1;
		break;
	case DAMAGE_pageType:
		atomic_set(&page->_mapcount, ${PGTY_TABLE});
		break;
	case DAMAGE_poisoned:
		gate_fill_page(page, ~0UL);
		break;
	case DAMAGE_zeroed:
		gate_fill_page(page, 0);
		break;
	case DAMAGE_notPrepared:
		gate_fill_page(page, 0);
		atomic_set(&page->_mapcount, -1);
		break;
	case DAMAGE_onlyPrepared:
		*(unsigned long *)&page->flags = ~0UL;
		atomic_set(&page->_refcount, -1);
		break;
	}
}
`;
