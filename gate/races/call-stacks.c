int gate_shared[SHARED_size];
__attribute__((export_name("gate_shared_address"))) int gate_shared_address(void) { return GATE_ADDRESS(gate_shared); }
__attribute__((export_name("gate_enter"))) void gate_enter(int function)
{
	const int depth = gate_shared[SHARED_depth]++;

	if (depth < GATE_MOST_DEPTH)
		gate_shared[SHARED_functions + depth] = function;
}
__attribute__((export_name("gate_leave"))) void gate_leave(int low, int high)
{
	if (--gate_shared[SHARED_depth] < gate_shared[SHARED_reported]) {
		gate_shared[SHARED_reported] = gate_shared[SHARED_depth];
		port_left(low, high);
	}
}
