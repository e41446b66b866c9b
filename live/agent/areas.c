/* Areas: the memory of the VMAs of the model. */
static char *const AREAS = (char *)0x10000000;
static const size_t AREA_DISTANCE = (size_t)16 << 20;

static char *address(uint32_t vma, uint32_t entry) { return AREAS + vma * AREA_DISTANCE + entry * entry_size; }

/* @page: index in the entry */
static volatile uint32_t *word_of(uint32_t vma, uint32_t entry, uint32_t page)
{
	return (volatile uint32_t *)(void *)(address(vma, entry) + page * page_size);
}

static volatile uint32_t *word(uint32_t vma, uint32_t entry) { return word_of(vma, entry, 0); }

static bool is_file(uint32_t vma) { return vma >= bounds.anon; }
