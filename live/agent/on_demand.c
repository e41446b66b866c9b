/* Root: operations that the kernel executes on demand. */
static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written = fd < 0 ? -1 : write(fd, text, strlen(text));
	int error = errno;
	if (fd >= 0)
		close(fd);
	return written < 0 ? fail("%s: %s", path, strerror(error)) : 0;
}

/* Opens split_huge_pages on an unmounted debugfs. */
static int open_split(void)
{
	int context = (int)syscall(SYS_fsopen, "debugfs", 1 /* FSOPEN_CLOEXEC */), mount = -1;
	if (context >= 0 && syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0 &&
	    (mount = (int)syscall(SYS_fsmount, context, 1 /* FSMOUNT_CLOEXEC */, 0)) >= 0)
		split_fd = openat(mount, "split_huge_pages", O_WRONLY | O_CLOEXEC);
	int error = errno;
	close(mount);
	close(context);
	return split_fd < 0 ? fail("cannot split a folio, split_huge_pages of debugfs: %s", strerror(error)) : 0;
}

/*
 * Tries once to split the folio of an entry, by a range of one page. Success is observed, not reported.
 *
 * @is_own: no other process maps the folio, which can then be split into pages even if debugfs is locked down
 */
static int split(uint32_t position, uint32_t entry, uint32_t order, bool is_own)
{
	char text[96];
	uintptr_t start = (uintptr_t)address(0, entry);
	if (split_fd < 0 && open_split() != 0) {
		if (!is_own || order != 0)
			return -1;
		failure[0] = '\0';
		slots[position].operation[0] = SPLIT_OWN;
		slots[position].operation[2] = entry;
		return run_in_mm(position);
	}
	snprintf(text, sizeof text, "%d,0x%zx,0x%zx,%u", (int)mms[position].pid, (size_t)start,
		 (size_t)(start + page_size), order);
	if (pwrite(split_fd, text, strlen(text), 0) < 0)
		return fail("split_huge_pages: %s", strerror(errno));
	return 0;
}

/* Returns a NUMA node with memory other than `node`; -1 for none. */
static int other_node(int node)
{
	char text[256] = "";
	int fd = open("/sys/devices/system/node/has_memory", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	for (char *range = text; length > 0 && *range != '\0' && *range != '\n';) {
		char *end;
		int first = (int)strtol(range, &end, 10), last = *end == '-' ? (int)strtol(end + 1, &end, 10) : first;
		if (first != node)
			return first;
		if (last != node)
			return last;
		range = *end == ',' ? end + 1 : end;
	}
	return -1;
}

/* Migrates the folio of an entry to another NUMA node: the kernel does not migrate within a node. */
static int migrate(uint32_t position, uint32_t entry)
{
	void *page = address(0, entry);
	int status = -1;
	if (syscall(SYS_move_pages, mms[position].pid, 1UL, &page, NULL, &status, 0) != 0 || status < 0)
		return fail("move_pages: %s", strerror(status < 0 && status != -1 ? -status : errno));
	int node = other_node(status);
	if (node < 0)
		return fail("migration takes a second NUMA node with memory, and there is none");
	if (syscall(SYS_move_pages, mms[position].pid, 1UL, &page, &node, &status, 4 /* MPOL_MF_MOVE_ALL */) < 0)
		return fail("move_pages: %s", strerror(errno));
	return 0;
}

static int clear_soft_dirty(uint32_t position)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/clear_refs", (int)mms[position].pid);
	return write_text(path, "4");
}
