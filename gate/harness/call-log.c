static void *const gate_functions[] = { GATE_LOGGED };
int gate_calls[2 + 2 * GATE_MOST_CALLS];

__attribute__((export_name("gate_calls_address"), no_instrument_function)) int gate_calls_address(void)
{
	return (int)(unsigned long)gate_calls;
}

GATE_HERE int gate_position(void *function)
{
	for (int i = 0; i < (int)(sizeof(gate_functions) / sizeof(gate_functions[0])); i++)
		if (gate_functions[i] == function)
			return i;
	return -1;
}

__attribute__((no_instrument_function)) void __cyg_profile_func_enter(void *function, void *site)
{
	const int position = gate_quiet ? -1 : gate_position(function);

	if (position < 0)
		return;
	if (gate_calls[0] < GATE_MOST_CALLS) {
		gate_calls[2 + 2 * gate_calls[0]] = position;
		gate_calls[3 + 2 * gate_calls[0]] = gate_calls[1];
		gate_calls[0]++;
	}
	gate_calls[1]++;
}

__attribute__((no_instrument_function)) void __cyg_profile_func_exit(void *function, void *site)
{
	if (!gate_quiet && gate_position(function) >= 0)
		gate_calls[1]--;
}
