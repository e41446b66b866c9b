/* Root: MMs. */
static void release_mm(struct mm *mm)
{
	close(mm->pagemap);
	close(mm->smaps);
	mm->pid = 0;
}

/* Whether the supervisor has exited. Its pending requests are then ignored. */
static bool is_supervisor_gone(void)
{
	struct pollfd end = { .fd = STDIN_FILENO, .events = 0 };
	return poll(&end, 1, 0) == 1 && (end.revents & (POLLHUP | POLLERR)) != 0;
}

/* Runs the operation in the slot of an MM, and waits for its completion. */
static int run_in_mm(uint32_t position)
{
	struct slot *slot = &slots[position];
	uint32_t answered = atomic_load(&slot->answer);
	const struct timespec interval = { 0, POLL_INTERVAL * 1000000L };
	atomic_store(&slot->request, answered + 1);
	syscall(SYS_futex, &slot->request, FUTEX_WAKE, 1, NULL, NULL, 0);
	while (atomic_load(&slot->answer) == answered) {
		int status;
		if (syscall(SYS_futex, &slot->answer, FUTEX_WAIT, answered, &interval, NULL, 0) == 0 || errno == EAGAIN)
			continue;
		if (stopping || is_supervisor_gone()) {
			stopping = 1;
			return fail("interrupted");
		}
		if (waitpid(mms[position].pid, &status, WNOHANG) == mms[position].pid) {
			release_mm(&mms[position]);
			atomic_store(&slot->request, answered);
			if (WIFSIGNALED(status))
				return fail("mm %u: killed by signal %d", position, WTERMSIG(status));
			return fail("mm %u: exited", position);
		}
	}
	if (slot->error != 0)
		return fail("mm %u: %s: %s", position, slot->failed_call, strerror(slot->error));
	return 0;
}

static int open_of(pid_t pid, const char *name)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? fail("%s: %s", path, strerror(errno)) : fd;
}

static int register_mm(uint32_t position, pid_t pid)
{
	struct mm *mm = &mms[position];
	mm->pid = pid;
	mm->pagemap = open_of(pid, "pagemap");
	mm->smaps = open_of(pid, "smaps");
	return mm->pagemap < 0 || mm->smaps < 0 ? -1 : 0;
}

static int new_mm(uint32_t position)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0) {
		/* Only the root may hold its stdin and stdout, and the lock. */
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		close(LOCK_FD);
		run_mm(position);
	}
	if (pid < 0)
		return fail("clone3: %s", strerror(errno));
	if (register_mm(position, (pid_t)pid) != 0)
		return -1;
	slots[position].operation[0] = NEW_MM;
	return run_in_mm(position);
}

static int wait_for_exit(uint32_t position)
{
	while (waitpid(mms[position].pid, NULL, 0) < 0)
		if (errno != EINTR)
			return fail("waitpid: %s", strerror(errno));
	release_mm(&mms[position]);
	return 0;
}

static void kill_all(void)
{
	for (uint32_t i = 0; i < MAX_MMS; i++)
		if (mms[i].pid != 0)
			kill(mms[i].pid, SIGKILL);
	for (uint32_t i = 0; i < MAX_MMS; i++)
		if (mms[i].pid != 0)
			wait_for_exit(i);
}
