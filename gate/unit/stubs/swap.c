bool folio_free_swap(struct folio *folio);
