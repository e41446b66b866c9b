__attribute__((export_name("gate_fresh"), no_instrument_function)) void gate_fresh(void)
{
	struct folio *folio = gate_load();

	(void)folio;
	gate_poison_folio();
	gate_quiet = 1;
	prep_compound_head(gate_memmap, __builtin_ctz(gate_buffer[BUFFER_nrPages]));
	gate_store();
}
