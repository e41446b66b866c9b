#undef barrier
#define barrier() __asm__ volatile("" ::: "memory")
/* Not atomic: a plain load and a plain store. */
#define __set_bit(nr, word) ((void)(((unsigned long *)(word))[BIT_WORD(nr)] |= BIT_MASK(nr)))
#define __clear_bit(nr, word) ((void)(((unsigned long *)(word))[BIT_WORD(nr)] &= ~BIT_MASK(nr)))
#undef __test_and_set_bit
#define __test_and_set_bit(nr, word) \
	({ \
		unsigned long *const gate_word = (unsigned long *)(word) + BIT_WORD(nr); \
		const unsigned long gate_was = *gate_word; \
		*gate_word = gate_was | BIT_MASK(nr); \
		(gate_was & BIT_MASK(nr)) != 0; \
	})
#undef __test_and_clear_bit
#define __test_and_clear_bit(nr, word) \
	({ \
		unsigned long *const gate_word = (unsigned long *)(word) + BIT_WORD(nr); \
		const unsigned long gate_was = *gate_word; \
		*gate_word = gate_was & ~BIT_MASK(nr); \
		(gate_was & BIT_MASK(nr)) != 0; \
	})
#undef bit_spin_lock
#define bit_spin_lock(bit, word) ((void)port_bit_lock(LOCK_STUB_lock, bit, GATE_ADDRESS(word), 0))
#undef bit_spin_unlock
#define bit_spin_unlock(bit, word) ((void)port_bit_lock(LOCK_STUB_unlock, bit, GATE_ADDRESS(word), 0))
#undef __bit_spin_unlock
#define __bit_spin_unlock(bit, word) bit_spin_unlock(bit, word)
#undef bit_spin_is_locked
#define bit_spin_is_locked(bit, word) port_bit_lock(LOCK_STUB_isLocked, bit, GATE_ADDRESS(word), 0)
#undef GATE_LOCK
#define GATE_LOCK(lock) port_spin_lock(LOCK_STUB_lock, GATE_ADDRESS(lock), 0)
#undef GATE_UNLOCK
#define GATE_UNLOCK(lock) port_spin_lock(LOCK_STUB_unlock, GATE_ADDRESS(lock), 0)
#define list_empty(list) port_list(LIST_STUB_isEmpty, GATE_ADDRESS(list), 0)
#define list_add_tail(entry, list) ((void)(list), (void)port_list(LIST_STUB_addTail, GATE_ADDRESS(entry), 0))
#define list_add(entry, list) list_add_tail(entry, list)
#define list_del_init(entry) ((void)port_list(LIST_STUB_delete, GATE_ADDRESS(entry), 0))
#undef GATE_COUNT_STATISTIC
#define GATE_COUNT_STATISTIC(item, nr) \
	({ \
		const int gate_item = (item); \
		port_statistic(gate_item == NR_ANON_MAPPED      ? 0 \
			       : gate_item == NR_FILE_MAPPED    ? 1 \
			       : gate_item == NR_ANON_THPS      ? 2 \
			       : gate_item == NR_FILE_PMDMAPPED ? 3 \
								: GATE_STATISTICS + gate_item, \
			       (int)(nr), 0); \
	})
#undef folio_trylock
#define folio_trylock(folio) (!test_and_set_bit_lock(PG_locked, (unsigned long *)(folio)))
#undef folio_unlock
#define folio_unlock(folio) clear_bit_unlock(PG_locked, (unsigned long *)(folio))
#undef data_race
#define data_race(expression) \
	({ \
		port_data_race(1); \
		__auto_type gate_value = (expression); \
		port_data_race(0); \
		gate_value; \
	})
#undef GATE_WARN
#define GATE_WARN(condition) \
	({ \
		const bool gate_fires = !!(condition); \
		if (gate_fires) \
			port_warn(GATE_SITE); \
		gate_fires; \
	})
