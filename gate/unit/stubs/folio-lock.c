#define folio_trylock(folio) (!test_and_set_bit(PG_locked, (unsigned long *)(folio)))
#define folio_unlock(folio) clear_bit(PG_locked, (unsigned long *)(folio))
