void *memset(void *to, int byte, unsigned long bytes)
{
	for (unsigned long i = 0; i < bytes; i++)
		((volatile char *)to)[i] = byte;
	return to;
}
void *memcpy(void *to, const void *from, unsigned long bytes)
{
	for (unsigned long i = 0; i < bytes; i++)
		((volatile char *)to)[i] = ((const volatile char *)from)[i];
	return to;
}
