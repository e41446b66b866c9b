__attribute__((export_name("gate_uses"))) void gate_uses(void)
{
	port_load(0, 0, 0, 0);
	port_store(0, 0, 0, 0, 0);
}
