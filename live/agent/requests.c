/* Root: requests. */
/* Reads exactly `length` bytes. @returns 0; 1 at the end of the input, or if the root has to stop */
static int read_exactly(void *bytes, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t bytes_read = read(STDIN_FILENO, (char *)bytes + done, length - done);
		if (bytes_read == 0 || stopping || (bytes_read < 0 && errno != EINTR))
			return 1;
		done += bytes_read < 0 ? 0 : (size_t)bytes_read;
	}
	return 0;
}

static int open_proc(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? fail("%s: %s", path, strerror(errno)) : fd;
}

static int make_pipe(int ends[2])
{
	return pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0 ? 0 : fail("pipe2: %s", strerror(errno));
}

/* Checks that the address range of the areas is unused. A position-independent program is mapped far above. */
static int check_areas_unused(void)
{
	size_t bytes = bounds.vmas * AREA_DISTANCE;
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
	if (mmap(AREAS, bytes, PROT_NONE, flags, -1, 0) != AREAS)
		return fail("addresses from %p on are in use: %s", (void *)AREAS, strerror(errno));
	munmap(AREAS, bytes);
	return 0;
}

/* Handles the first request: the protocol version of the supervisor, and the bounds. */
static int hello(const uint32_t *words, size_t count)
{
	if (count != 8 || words[0] != PROTOCOL_VERSION)
		return fail("this agent uses version %d of the protocol", PROTOCOL_VERSION);
	memcpy(&bounds, words + 1, 7 * sizeof *words);
	bounds.vmas = bounds.anon + bounds.file;
	entry_size = bounds.run * page_size;
	if (bounds.mms < 1 || bounds.mms > MAX_MMS || bounds.pages < 1 || bounds.pages > MAX_PAGES || bounds.anon > 1 ||
	    bounds.vmas < 1 || bounds.vmas > MAX_VMAS || bounds.holders > MAX_HOLDERS || bounds.run < 1 ||
	    bounds.run > MAX_RUN || bounds.mapped < 1 || bounds.mapped > bounds.pages ||
	    (bounds.run > 1 && bounds.file > 0) || bounds.pages * entry_size > AREA_DISTANCE)
		return fail("bounds are out of range");
	if (check_areas_unused() != 0)
		return -1;
	kpagecount_fd = open_proc("/proc/kpagecount");
	kpageflags_fd = open_proc("/proc/kpageflags");
	if (kpagecount_fd < 0 || kpageflags_fd < 0 || make_pipe(scratch) != 0)
		return -1;
	for (uint32_t holder = 0; holder < bounds.holders; holder++) {
		if (make_pipe(holders[holder].pipe) != 0)
			return -1;
		open_ring(&holders[holder].ring);
	}
	if (bounds.file > 0 && open_file() != 0)
		return -1;
	append_word(12);
	append_word(HELLO);
	append_word(PROTOCOL_VERSION);
	append_word((uint32_t)page_size);
	return 0;
}

/* Tries to take the exclusive lock on the settings of the host. The supervisor repeats the request on failure. */
static int lock(void)
{
	int is_locked = flock(LOCK_FD, LOCK_EX | LOCK_NB) == 0;
	if (!is_locked && errno != EWOULDBLOCK)
		return fail("flock: %s", strerror(errno));
	append_word(8);
	append_word(LOCK);
	append_word((uint32_t)is_locked);
	return 0;
}

static void append_done(enum frame frame)
{
	append_word(4);
	append_word(frame);
}

/* Performs operations up to the first that fails. */
static int perform_all(const uint32_t *words, size_t count)
{
	if (count % OPERATION_WORDS != 0)
		return fail("bad request for operations");
	for (; count > 0; count -= OPERATION_WORDS, words += OPERATION_WORDS)
		if (perform(words) != 0 || observe() != 0)
			return -1;
	return 0;
}

static int handle_request(const uint32_t *words, size_t count)
{
	enum frame frame = (enum frame)words[0];
	const uint32_t *end = words + count;
	if (bounds.mms == 0 && frame != HELLO)
		return fail("the first request must be a hello");
	switch (frame) {
	case HELLO:
		return hello(words + 1, count - 1);
	case LOCK:
		return lock();
	case SETTINGS:
		if (change_settings(words + 1, end) != 0)
			return -1;
		append_done(SETTINGS);
		return 0;
	case PERFORM:
		return perform_all(words + 1, count - 1);
	case RESET:
		if (reset() != 0)
			return -1;
		append_done(RESET);
		return 0;
	default:
		return fail("there is no request %u", words[0]);
	}
}

static void serve_requests(void)
{
	uint32_t length;
	static uint32_t request[MAX_REQUEST_BYTES / 4];
	while (!stopping && read_exactly(&length, sizeof length) == 0) {
		if (length < 4 || length > MAX_REQUEST_BYTES || length % 4 != 0)
			return;
		if (read_exactly(request, length) != 0)
			return;
		failure[0] = '\0';
		if (handle_request(request, length / 4) != 0)
			append_failure();
		if (flush() != 0)
			return;
	}
}

static void stop(int signal)
{
	(void)signal;
	stopping = 1;
}

/* Pins this process and its children to the current CPU. */
static int stay_on_one_cpu(void)
{
	int cpu = sched_getcpu();
	cpu_set_t one;
	if (cpu < 0)
		return -1;
	CPU_ZERO(&one);
	CPU_SET((size_t)cpu, &one);
	return sched_setaffinity(0, sizeof one, &one);
}
