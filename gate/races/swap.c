#ifdef CONFIG_TRANSPARENT_HUGEPAGE
bool folio_free_swap(struct folio *folio) { return port_free_swap(); }
#endif
