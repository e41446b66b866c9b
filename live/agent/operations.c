/* Root: operations. */
static int is_mm(uint32_t position)
{
	if (position >= bounds.mms || mms[position].pid == 0)
		return fail("there is no mm %u", position);
	return 0;
}

static int is_free(uint32_t position)
{
	if (position >= bounds.mms || mms[position].pid != 0)
		return fail("mm %u cannot be made", position);
	return 0;
}

static int is_range(uint32_t vma, uint32_t first, uint32_t count)
{
	if (vma >= bounds.vmas || count < 1 || count > bounds.pages || first > bounds.pages - count)
		return fail("there are no entries %u … %u in vma %u", first, first + count - 1, vma);
	return 0;
}

static int is_anon_range(uint32_t first, uint32_t count)
{
	if (bounds.anon == 0)
		return fail("there is no anon vma");
	return is_range(0, first, count);
}

static int is_holder(uint32_t holder)
{
	if (holder >= bounds.holders)
		return fail("there is no holder %u", holder);
	return 0;
}

static int is_free_holder(uint32_t holder)
{
	if (is_holder(holder) != 0)
		return -1;
	return holders[holder].hold == NOTHING ? 0 : fail("holder %u holds something already", holder);
}

static int is_file_range(uint32_t index, uint32_t pages)
{
	if (bounds.file == 0 || pages < 1 || pages > bounds.pages || index > bounds.pages - pages)
		return fail("there are no pages %u … %u in the file", index, index + pages - 1);
	return 0;
}

/* Checks that the parameters of an operation are within bounds, and that its MMs and holders exist. */
static int check(const uint32_t *op)
{
	switch (op[0]) {
	case NEW_MM:
		return is_free(op[1]);
	case FORK:
		return is_mm(op[1]) != 0 ? -1 : is_free(op[2]);
	case EXIT:
		return is_mm(op[1]);
	case FAULT:
	case PAGEOUT:
	case MUNMAP:
	case PROTECT:
	case FAULT_IN:
	case ADVISE:
	case SET_PROTECTION:
	case UNMAP_AREA:
		return is_mm(op[1]) != 0 ? -1 : is_anon_range(op[2], op[3]);
	case MOVE_AREA:
		if (is_mm(op[1]) != 0 || is_anon_range(op[2], op[3]) != 0)
			return -1;
		return is_anon_range(op[4], op[3]);
	case CLEAR_SOFT_DIRTY:
		return is_mm(op[1]);
	case SHRINK:
		return 0;
	case WRITE:
	case TOUCH:
	case READ_IN:
	case SPLIT:
	case MIGRATE:
		return is_mm(op[1]) != 0 ? -1 : is_anon_range(op[2], 1);
	case READ:
		return is_mm(op[1]) != 0 ? -1 : is_range(op[2], op[3], 1);
	case UNMAP:
		return is_mm(op[1]) != 0 ? -1 : is_range(op[2], op[3], op[4]);
	case MREMAP:
		return is_mm(op[1]) != 0 || is_anon_range(op[2], 1) != 0 ? -1 : is_anon_range(op[3], 1);
	case GET:
	case PIN:
		return is_mm(op[1]) != 0 || is_anon_range(op[2], 1) != 0 ? -1 : is_free_holder(op[3]);
	case PUT:
	case DEVICE_WRITE:
		return is_holder(op[1]);
	case FILE_FAULT:
		if (!is_file(op[2]))
			return fail("vma %u does not map the file", op[2]);
		return is_mm(op[1]) != 0 ? -1 : is_range(op[2], op[3], op[4]);
	case READ_FILE:
	case RECLAIM:
		return is_file_range(op[1], op[2]);
	default:
		return fail("there is no operation %u", op[0]);
	}
}

/*
 * Drains the LRU batches of the current CPU: MADV_COLD does so first, even on an unmapped range.
 *
 * Linux: mm/madvise.c, madvise_cold()
 */
static int drain_lru_batches(void)
{
	static char *nothing;
	if (nothing == NULL)
		nothing = mmap(NULL, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (nothing == MAP_FAILED || madvise(nothing, page_size, MADV_COLD) != 0)
		return fail("madvise(MADV_COLD): %s", strerror(errno));
	return 0;
}

static int perform(const uint32_t *op)
{
	if (check(op) != 0 || drain_lru_batches() != 0)
		return -1;
	switch (op[0]) {
	case NEW_MM:
		return new_mm(op[1]);
	case PUT:
		return put(op[1]);
	case READ_FILE:
		return read_file(op[1], op[2]);
	case RECLAIM:
		return reclaim(op[1], op[2]);
	case DEVICE_WRITE:
		return device_write(op[1], op[2]);
	case CLEAR_SOFT_DIRTY:
		return clear_soft_dirty(op[1]);
	case SPLIT:
		return split(op[1], op[2], op[3], op[4] != 0);
	case MIGRATE:
		return migrate(op[1], op[2]);
	case SHRINK:
		/* Runs all shrinkers, including that of the deferred-split queue. */
		return write_text("/proc/sys/vm/drop_caches", "2");
	}
	memcpy(slots[op[1]].operation, op, sizeof slots[op[1]].operation);
	switch (op[0]) {
	case EXIT:
		atomic_fetch_add(&slots[op[1]].request, 1);
		syscall(SYS_futex, &slots[op[1]].request, FUTEX_WAKE, 1, NULL, NULL, 0);
		if (wait_for_exit(op[1]) != 0)
			return -1;
		atomic_store(&slots[op[1]].answer, atomic_load(&slots[op[1]].request));
		return 0;
	case FORK:
		return run_in_mm(op[1]) != 0 ? -1 : register_mm(op[2], slots[op[1]].child);
	case GET:
		if (run_in_mm(op[1]) != 0)
			return -1;
		holders[op[3]].hold = REFERENCE;
		return 0;
	case PIN:
		if (run_in_mm(op[1]) != 0)
			return -1;
		holders[op[3]].hold = PIN_FOR_WRITING;
		holders[op[3]].ring.registered = address(0, op[2]);
		return 0;
	default:
		return run_in_mm(op[1]);
	}
}

static int reset(void)
{
	kill_all();
	for (uint32_t i = 0; i < MAX_MMS; i++)
		atomic_store(&slots[i].answer, atomic_load(&slots[i].request));
	for (uint32_t holder = 0; holder < bounds.holders; holder++)
		if (holders[holder].hold != NOTHING && put(holder) != 0)
			return -1;
	return bounds.file > 0 ? reclaim(0, bounds.pages + 1) : 0;
}
