/* Root: holders, and the file. */
/* Opens an idle ring. Without io_uring, only pins fail. */
static void open_ring(struct ring *ring)
{
	ring->fd = (int)syscall(SYS_io_uring_setup, 1, &ring->params);
	if (ring->fd < 0)
		return;
	size_t bytes = ring->params.cq_off.cqes + ring->params.cq_entries * sizeof(struct io_uring_cqe);
	const int protection = PROT_READ | PROT_WRITE;
	ring->rings = mmap(NULL, bytes, protection, MAP_SHARED, ring->fd, IORING_OFF_SQ_RING);
	ring->entries = mmap(NULL, sizeof *ring->entries, protection, MAP_SHARED, ring->fd, IORING_OFF_SQES);
	if ((ring->params.features & IORING_FEAT_SINGLE_MMAP) == 0 || ring->rings == MAP_FAILED ||
	    ring->entries == MAP_FAILED) {
		close(ring->fd);
		ring->fd = -1;
	}
}

static _Atomic uint32_t *ring_word(struct ring *ring, uint32_t offset)
{
	return (_Atomic uint32_t *)(void *)(ring->rings + offset);
}

/* Copies a word between the pinned page and one end of the scratch pipe, and waits for completion. */
static int transfer(struct ring *ring, uint8_t operation, int fd)
{
	const struct io_sqring_offsets *sq = &ring->params.sq_off;
	const struct io_cqring_offsets *cq = &ring->params.cq_off;
	*ring->entries = (struct io_uring_sqe){
		.opcode = operation,
		.fd = fd,
		.off = (uint64_t)-1,
		.addr = (uintptr_t)ring->registered,
		.len = sizeof(uint32_t),
	};
	atomic_store(ring_word(ring, sq->array), 0);
	atomic_fetch_add(ring_word(ring, sq->tail), 1);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return fail("io_uring_enter: %s", strerror(errno));
	uint32_t head = atomic_load(ring_word(ring, cq->head));
	const struct io_uring_cqe *events = (const void *)(ring->rings + cq->cqes);
	int result = events[head & (ring->params.cq_entries - 1)].res;
	atomic_store(ring_word(ring, cq->head), head + 1);
	return result == sizeof(uint32_t) ? 0 : fail("io_uring: %s", strerror(result < 0 ? -result : EIO));
}

static int device_write(uint32_t holder, uint32_t value)
{
	if (holders[holder].hold != PIN_FOR_WRITING)
		return fail("holder %u has no pin", holder);
	if (write(scratch[1], &value, sizeof value) != sizeof value)
		return fail("write: %s", strerror(errno));
	return transfer(&holders[holder].ring, IORING_OP_READ_FIXED, scratch[0]);
}

static int put(uint32_t position)
{
	struct holder *holder = &holders[position];
	uint32_t content;
	switch (holder->hold) {
	case NOTHING:
		return fail("holder %u holds nothing", position);
	case REFERENCE:
		if (read(holder->pipe[0], &content, sizeof content) != sizeof content)
			return fail("read of holder %u: %s", position, strerror(errno));
		break;
	case PIN_FOR_WRITING:
		if (syscall(SYS_io_uring_register, holder->ring.fd, IORING_UNREGISTER_BUFFERS, NULL, 0) != 0)
			return fail("io_uring_register of holder %u: %s", position, strerror(errno));
		break;
	}
	holder->hold = NOTHING;
	return 0;
}

/* Reads the content of a holder's page through the scratch pipe. Meanwhile a page in a pipe has a second reference. */
static int peek(struct holder *holder, uint32_t *content)
{
	*content = 0;
	if (holder->hold == NOTHING)
		return 0;
	if (holder->hold == PIN_FOR_WRITING) {
		if (transfer(&holder->ring, IORING_OP_WRITE_FIXED, scratch[1]) != 0)
			return -1;
	} else if (tee(holder->pipe[0], scratch[1], sizeof *content, SPLICE_F_NONBLOCK) != sizeof *content)
		return fail("tee: %s", strerror(errno));
	if (read(scratch[0], content, sizeof *content) != sizeof *content)
		return fail("read: %s", strerror(errno));
	return 0;
}

/* Opens an unnamed file on an unmounted tmpfs. Both vanish when the file is closed. */
static int open_file(void)
{
	int context = (int)syscall(SYS_fsopen, "tmpfs", 1 /* FSOPEN_CLOEXEC */);
	if (context < 0)
		return fail("fsopen(tmpfs): %s", strerror(errno));
	int mount = -1;
	if (syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "huge", "within_size", 0) != 0)
		fail("tmpfs with huge=within_size: %s", strerror(errno));
	else if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
		fail("tmpfs: %s", strerror(errno));
	else if ((mount = (int)syscall(SYS_fsmount, context, 1 /* FSMOUNT_CLOEXEC */, 0)) < 0)
		fail("fsmount(tmpfs): %s", strerror(errno));
	else if ((file_fd = openat(mount, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) < 0)
		fail("O_TMPFILE on tmpfs: %s", strerror(errno));
	else if (ftruncate(file_fd, (off_t)((bounds.pages + 1) * page_size)) != 0)
		fail("ftruncate: %s", strerror(errno));
	close(mount);
	close(context);
	return failure[0] != '\0' ? -1 : 0;
}

static int reclaim(uint32_t index, uint32_t pages)
{
	const int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	if (fallocate(file_fd, mode, (off_t)(index * page_size), (off_t)(pages * page_size)) != 0)
		return fail("fallocate of a hole: %s", strerror(errno));
	return 0;
}

/* Sets *cached to whether the page cache contains a page of the file. */
static int is_cached(uint32_t index, bool *cached)
{
	off_t offset = (off_t)(index * page_size);
	off_t data = lseek(file_fd, offset, SEEK_DATA);
	if (data < 0 && errno != ENXIO)
		return fail("lseek of data: %s", strerror(errno));
	*cached = data == offset;
	return 0;
}

/* Brings a page of the file into the page cache as a small folio, which is the result of a fault where no PMD fits. */
static int cache_small(uint32_t index)
{
	char *page = mmap(NULL, page_size, PROT_READ, MAP_SHARED, file_fd, (off_t)(index * page_size));
	if (page == MAP_FAILED)
		return fail("mmap of the file: %s", strerror(errno));
	(void)*(volatile char *)page;
	munmap(page, page_size);
	return 0;
}

/* Writes pages of the file. Page i begins with the word i + 1. */
static int write_file(uint32_t index, uint32_t pages)
{
	static unsigned char *text;
	size_t bytes = pages * page_size;
	if (text == NULL && (text = calloc(MAX_PAGES, page_size)) == NULL)
		return fail("no memory");
	for (uint32_t i = 0; i < pages; i++) {
		uint32_t content = index + i + 1;
		memcpy(text + i * page_size, &content, sizeof content);
	}
	if (pwrite(file_fd, text, bytes, (off_t)(index * page_size)) != (ssize_t)bytes)
		return fail("write to the file: %s", strerror(errno));
	return 0;
}

/*
 * Brings one folio of `pages` pages into the page cache. A write allocates the largest folio that is within the file
 * size and does not overlap cached pages. To limit its size, a page beside it is cached, unless there is one, and
 * removed again.
 *
 * Linux: mm/shmem.c, shmem_get_orders_within_size(), shmem_suitable_orders()
 */
static int read_file(uint32_t index, uint32_t pages)
{
	uint32_t neighbour = index ^ pages;
	bool overlaps = (index | pages) + pages > bounds.pages + 1;
	for (uint32_t i = neighbour; !overlaps && i < neighbour + pages; i++)
		if (is_cached(i, &overlaps) != 0)
			return -1;
	if (overlaps)
		return write_file(index, pages);
	if (cache_small(neighbour) != 0 || write_file(index, pages) != 0)
		return -1;
	return reclaim(neighbour, 1);
}
