/* Operations that an MM executes on its own address space. */
static int set_error(struct slot *slot, const char *call)
{
	slot->error = errno;
	slot->failed_call = call;
	return -1;
}

static int map_anon(struct slot *slot, uint32_t first, uint32_t count)
{
	char *start = address(0, first);
	size_t bytes = count * entry_size;
	if (mmap(start, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != start)
		return set_error(slot, "mmap");
	if (madvise(start, bytes, MADV_HUGEPAGE) != 0)
		return set_error(slot, "madvise(MADV_HUGEPAGE)");
	return 0;
}

/*
 * Maps the file privately, with one additional page, which is written and unmapped again. This gives the VMA an
 * anon_vma: fork copies the entries of such VMAs only.
 */
static int map_file(struct slot *slot, uint32_t vma)
{
	char *start = address(vma, 0);
	size_t bytes = bounds.pages * page_size;
	if (mmap(start, bytes + page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file_fd, 0) != start)
		return set_error(slot, "mmap of the file");
	*word(vma, bounds.pages) = 0;
	if (munmap(start + bytes, page_size) != 0)
		return set_error(slot, "munmap");
	return 0;
}

static int map_areas(struct slot *slot)
{
	if (bounds.anon > 0 && map_anon(slot, 0, bounds.mapped) != 0)
		return -1;
	for (uint32_t vma = bounds.anon; vma < bounds.vmas; vma++)
		if (map_file(slot, vma) != 0)
			return -1;
	return 0;
}

/*
 * Isolates a range in a separate VMA during an access: neither large folios nor fault-around extend beyond a VMA. A
 * flag without any effect on faults splits the VMA, and clearing it merges the VMAs again.
 */
static int isolate_range(struct slot *slot, uint32_t vma, uint32_t first, uint32_t count, int advice)
{
	if (count == bounds.pages)
		return 0;
	if (madvise(address(vma, first), count * entry_size, advice) != 0)
		return set_error(slot, advice == MADV_DONTDUMP ? "madvise(MADV_DONTDUMP)" : "madvise(MADV_DODUMP)");
	return 0;
}

static void write_entry(uint32_t entry, uint32_t value)
{
	for (uint32_t page = 0; page < bounds.run; page++)
		*word_of(0, entry, page) = value;
}

static void read_entry(uint32_t vma, uint32_t entry)
{
	for (uint32_t page = 0; page < bounds.run; page++)
		(void)*word_of(vma, entry, page);
}

static int fault(struct slot *slot, uint32_t first, uint32_t pages, uint32_t value)
{
	if (areas_fragmented && map_anon(slot, first, pages) != 0)
		return -1;
	if (isolate_range(slot, 0, first, pages, MADV_DONTDUMP) != 0)
		return -1;
	for (uint32_t i = 0; i < pages; i++)
		write_entry(first + i, value);
	return isolate_range(slot, 0, first, pages, MADV_DODUMP);
}

/* Allocates a new folio of `count` entries, and writes to the first one. */
static int fault_in(struct slot *slot, uint32_t first, uint32_t count, uint32_t value)
{
	if (isolate_range(slot, 0, first, count, MADV_DONTDUMP) != 0)
		return -1;
	write_entry(first, value);
	return isolate_range(slot, 0, first, count, MADV_DODUMP);
}

/* Loads from an unmapped entry. Maps the zero page, not the huge one. */
static int read_in(struct slot *slot, uint32_t entry)
{
	if (isolate_range(slot, 0, entry, 1, MADV_DONTDUMP) != 0)
		return -1;
	read_entry(0, entry);
	return isolate_range(slot, 0, entry, 1, MADV_DODUMP);
}

static int file_fault(struct slot *slot, uint32_t vma, uint32_t first, uint32_t count)
{
	if (isolate_range(slot, vma, first, count, MADV_DONTDUMP) != 0)
		return -1;
	(void)*word(vma, first);
	return isolate_range(slot, vma, first, count, MADV_DODUMP);
}

static int move_page(struct slot *slot, uint32_t from, uint32_t to)
{
	const int flags = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;
	areas_fragmented = true;
	if (mremap(address(0, from), entry_size, entry_size, flags, address(0, to)) != address(0, to))
		return set_error(slot, "mremap");
	return 0;
}

static int take_reference(struct slot *slot, uint32_t entry, uint32_t holder)
{
	struct iovec page = { address(0, entry), sizeof(uint32_t) };
	if (vmsplice(holders[holder].pipe[1], &page, 1, SPLICE_F_NONBLOCK) != (ssize_t)page.iov_len)
		return set_error(slot, "vmsplice");
	return 0;
}

static int pin(struct slot *slot, uint32_t entry, uint32_t holder)
{
	struct iovec page = { address(0, entry), sizeof(uint32_t) };
	if (syscall(SYS_io_uring_register, holders[holder].ring.fd, IORING_REGISTER_BUFFERS, &page, 1) != 0)
		return set_error(slot, "io_uring_register");
	return 0;
}

static int unmap_and_map(struct slot *slot, uint32_t first, uint32_t count)
{
	areas_fragmented = true;
	if (munmap(address(0, first), count * entry_size) != 0)
		return set_error(slot, "munmap");
	return map_anon(slot, first, count);
}

static int protect_and_unprotect(struct slot *slot, uint32_t first, uint32_t count)
{
	if (mprotect(address(0, first), count * entry_size, PROT_READ) != 0 ||
	    mprotect(address(0, first), count * entry_size, PROT_READ | PROT_WRITE) != 0)
		return set_error(slot, "mprotect");
	return 0;
}

static int advise(struct slot *slot, uint32_t vma, uint32_t first, uint32_t count, int advice, const char *call)
{
	if (madvise(address(vma, first), count * entry_size, advice) != 0)
		return set_error(slot, call);
	return 0;
}

/*
 * Ignores errors of a system call that may fail midway, at a hole or where a VMA does not permit it. Its effect is
 * observed.
 */
static int may_fail(struct slot *slot, bool fails, const char *call)
{
	return fails && errno != ENOMEM && errno != EFAULT ? set_error(slot, call) : 0;
}

static int advise_area(struct slot *slot, uint32_t first, uint32_t count, int advice)
{
	return may_fail(slot, madvise(address(0, first), count * entry_size, advice) != 0, "madvise");
}

/*
 * Splits the folio of an entry into pages, if no other process maps it: MADV_COLD on a part of it does so.
 *
 * Linux: mm/madvise.c, madvise_cold_or_pageout_pte_range()
 */
static int split_own(struct slot *slot, uint32_t entry)
{
	if (madvise(address(0, entry), page_size, MADV_COLD) != 0)
		return set_error(slot, "madvise(MADV_COLD)");
	return 0;
}

static int set_protection(struct slot *slot, uint32_t first, uint32_t count, uint32_t writable)
{
	const int protection = PROT_READ | (writable ? PROT_WRITE : 0);
	return may_fail(slot, mprotect(address(0, first), count * entry_size, protection) != 0, "mprotect");
}

static int unmap_area(struct slot *slot, uint32_t first, uint32_t count)
{
	return may_fail(slot, munmap(address(0, first), count * entry_size) != 0, "munmap");
}

static int move_area(struct slot *slot, uint32_t from, uint32_t count, uint32_t to)
{
	const size_t bytes = count * entry_size;
	void *moved = mremap(address(0, from), bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, address(0, to));
	return may_fail(slot, moved == MAP_FAILED, "mremap");
}

static bool is_requested(const struct slot *slot, uint32_t vma, uint32_t entry, uint32_t page)
{
	uint32_t small = entry * bounds.run + page;
	return slot->requested[vma][small / 32] >> small % 32 & 1;
}

/* Reads only the requested pages: loads from others would fault them in. */
static void read_contents(struct slot *slot)
{
	for (uint32_t vma = 0; vma < bounds.vmas; vma++) {
		for (uint32_t entry = 0; entry < bounds.pages; entry++) {
			bool first = is_requested(slot, vma, entry, 0);
			slot->content[vma][entry] = first ? *word(vma, entry) : 0;
			slot->same[vma][entry] = 0;
			for (uint32_t page = 0; page < bounds.run; page++)
				if (!is_requested(slot, vma, entry, page) ||
				    *word_of(vma, entry, page) == slot->content[vma][entry])
					slot->same[vma][entry] |= UINT64_C(1) << page;
		}
	}
}

static void run_mm(uint32_t position);

/* Forks an MM. The root becomes the parent, so that it can wait for the child. */
static int fork_mm(struct slot *slot, uint32_t child)
{
	struct clone_args args = { .flags = CLONE_PARENT };
	long pid = syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0)
		run_mm(child);
	if (pid < 0)
		return set_error(slot, "clone3");
	slot->child = (pid_t)pid;
	return 0;
}

static void execute_operation(struct slot *slot)
{
	const uint32_t *op = slot->operation;
	switch (op[0]) {
	case FORK:
		fork_mm(slot, op[2]);
		break;
	case EXIT:
		_exit(0);
	case FAULT:
		fault(slot, op[2], op[3], op[4]);
		break;
	case WRITE:
		write_entry(op[2], op[3]);
		break;
	case TOUCH:
		word(0, op[2])[1]++;
		break;
	case READ:
		read_entry(op[2], op[3]);
		break;
	case UNMAP:
		advise(slot, op[2], op[3], op[4], MADV_DONTNEED, "madvise(MADV_DONTNEED)");
		break;
	case MREMAP:
		move_page(slot, op[2], op[3]);
		break;
	case GET:
		take_reference(slot, op[2], op[3]);
		break;
	case PIN:
		pin(slot, op[2], op[3]);
		break;
	case MUNMAP:
		unmap_and_map(slot, op[2], op[3]);
		break;
	case PROTECT:
		protect_and_unprotect(slot, op[2], op[3]);
		break;
	case PAGEOUT:
		advise(slot, 0, op[2], op[3], MADV_PAGEOUT, "madvise(MADV_PAGEOUT)");
		break;
	case FILE_FAULT:
		file_fault(slot, op[2], op[3], op[4]);
		break;
	case FAULT_IN:
		fault_in(slot, op[2], op[3], op[4]);
		break;
	case READ_IN:
		read_in(slot, op[2]);
		break;
	case ADVISE:
		advise_area(slot, op[2], op[3], (int)op[4]);
		break;
	case SET_PROTECTION:
		set_protection(slot, op[2], op[3], op[4]);
		break;
	case UNMAP_AREA:
		unmap_area(slot, op[2], op[3]);
		break;
	case MOVE_AREA:
		move_area(slot, op[2], op[3], op[4]);
		break;
	case NEW_MM:
		map_areas(slot);
		break;
	case CONTENTS:
		read_contents(slot);
		break;
	case SPLIT_OWN:
		split_own(slot, op[2]);
		break;
	default:
		errno = EINVAL;
		set_error(slot, "operation");
	}
}

/* Main loop of an MM. It does not outlive the root, even if that is killed. */
static void run_mm(uint32_t position)
{
	struct slot *slot = &slots[position];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != root_pid)
		_exit(0);
	for (;;) {
		uint32_t answered = atomic_load(&slot->answer);
		while (atomic_load(&slot->request) == answered)
			syscall(SYS_futex, &slot->request, FUTEX_WAIT, answered, NULL, NULL, 0);
		slot->error = 0;
		execute_operation(slot);
		atomic_store(&slot->answer, answered + 1);
		syscall(SYS_futex, &slot->answer, FUTEX_WAKE, 1, NULL, NULL, 0);
	}
}
