/*
 * The running kernel's side of `foliocheck live`: performs operations on real processes and reports what /proc tells.
 *
 * One root process is the parent of all others. Each MM is a process that waits for work in a page that it shares with
 * the root (a futex for each direction) and does everything that must happen in its own address space. The root does
 * what needs no MM: pipes, the file, /proc, settings.
 *
 * The protocol: frames on stdin and stdout. A frame is one 32-bit word with the number of bytes that follow, which is a
 * multiple of 4, then 32-bit words in this machine's byte order; the first says what kind of frame it is. See
 * live/session/protocol.ts for the other side. When stdin ends, everything ends: processes first, then the settings go back.
 *
 * What would disturb observations, and what is done about it:
 * - Per-CPU batches of the LRU hold references to small folios that were just added, or that GUP has just marked accessed
 *   for the second time. Before it decides about reuse, the kernel drains the batches of the CPU that asks, but not if the
 *   folio is on the LRU already, as in the second case. So all processes run on one CPU, and the root has its batches
 *   drained before every operation. Large folios are not kept in batches.
 * - An MM's page tables go when its process exits, before its parent is told: the root waits for the process.
 * - The root looks at memory through /proc only. Contents are read by the MM itself, and only from entries that are
 *   present: reading through another process takes a reference to the folio or unshares it.
 * - khugepaged needs a whole PMD range in one VMA; the areas are smaller. KSM needs MADV_MERGEABLE.
 * - Compaction and reclaim migrate and split folios when they please: what was disturbed so does not happen again when
 *   the same is done from the start.
 * - The areas lie below everything else that a process maps, so that smaps shows them first and can stop there.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

enum { PROTOCOL_VERSION = 2 };
enum { MAX_MMS = 8, MAX_PAGES = 64, MAX_RUN = 64, MAX_VMAS = 4, MAX_HOLDERS = 8, MAX_SETTINGS = 32 };
/* Pages of a VMA at most. */
enum { MAX_SMALL_PAGES = MAX_PAGES * MAX_RUN };
/* Words of an operation in a request: its kind and up to four parameters. */
enum { OPERATION_WORDS = 5 };
/* The longest request: the supervisor splits longer batches. */
enum { MAX_REQUEST_BYTES = 1 << 20 };
/* The file descriptor that carries the lock on the host's settings: its open file is shared with the supervisor. */
enum { LOCK_FD = 3 };
/* How often a wait looks whether the other side is still there, in milliseconds. */
enum { LOOK_INTERVAL = 50 };

enum frame { HELLO = 1, LOCK, SETTINGS, PERFORM, RESET, FAILURE };

enum operation {
	NEW_MM = 1,
	FORK,
	EXIT,
	FAULT,
	WRITE,
	READ,
	UNMAP,
	MREMAP,
	GET,
	PUT,
	PAGEOUT,
	READ_FILE,
	FILE_FAULT,
	RECLAIM,
	TOUCH,
	MUNMAP,
	PROTECT,
	PIN,
	DEVICE_WRITE,
	FAULT_IN,
	READ_IN,
	ADVISE,
	SET_PROTECTION,
	UNMAP_AREA,
	MOVE_AREA,
	CLEAR_SOFT_DIRTY,
	SPLIT,
	MIGRATE,
	SHRINK,
	/* Not operations of the protocol: the MM reads the contents that `wanted` names, or has its own folio split. */
	CONTENTS,
	SPLIT_OWN,
};

/* Where a root and an MM meet. There is work to do as long as `request` differs from `answer`. */
struct slot {
	_Atomic uint32_t request;
	_Atomic uint32_t answer;
	uint32_t operation[OPERATION_WORDS];
	/* What went wrong: errno, and the system call. The pointer is good on both sides, for there is no exec in between. */
	int error;
	const char *failed;
	pid_t child;
	/* A bit for each page of each VMA. */
	uint32_t wanted[MAX_VMAS][MAX_SMALL_PAGES / 32];
	/* By entry: what its first page holds, and for each of its pages a bit: whether it holds the same. */
	uint32_t content[MAX_VMAS][MAX_PAGES];
	uint64_t same[MAX_VMAS][MAX_PAGES];
};

struct mm {
	pid_t pid; /* 0: no such MM */
	int pagemap;
	int smaps;
};

/* How a holder holds its page: by a pipe, or by a ring that the page is registered with. */
enum hold { NOTHING, REFERENCE, PIN_FOR_WRITING };

struct holder {
	enum hold hold;
	int pipe[2];
	struct ring {
		int fd; /* -1: io_uring is not to be had */
		unsigned char *rings;
		struct io_uring_sqe *entries;
		struct io_uring_params params;
		void *registered; /* where the page was when it was registered: its name ever after */
	} ring;
};

struct setting {
	char *path;
	char *old;
};

struct smaps {
	uint32_t rss, pss, private, vmas; /* the first three in KiB */
};

/* An entry is a run of pages, which operations treat alike. `mapped` entries of the anon VMA are mapped at the start. */
static struct {
	uint32_t mms, pages, anon, file, holders, run, mapped, vmas;
} bounds;
static size_t page_size, entry_size;
static struct slot *slots;
static struct mm mms[MAX_MMS];
static struct holder holders[MAX_HOLDERS];
static int scratch[2];
static int file_fd = -1;
static int kpagecount_fd = -1;
static int kpageflags_fd = -1;
static int split_fd = -1;
static pid_t root_pid;
static struct setting settings[MAX_SETTINGS];
static size_t setting_count;
static volatile sig_atomic_t stopping;

/* In an MM: mremap() has taken the anon area apart into VMAs that the kernel does not merge again. */
static bool apart;

/* ---- areas ---- */

static char *const AREAS = (char *)0x10000000;
static const size_t AREA_DISTANCE = (size_t)16 << 20;

static char *address(uint32_t vma, uint32_t entry)
{
	return AREAS + vma * AREA_DISTANCE + entry * entry_size;
}

/* @page of the entry */
static volatile uint32_t *word_of(uint32_t vma, uint32_t entry, uint32_t page)
{
	return (volatile uint32_t *)(void *)(address(vma, entry) + page * page_size);
}

static volatile uint32_t *word(uint32_t vma, uint32_t entry)
{
	return word_of(vma, entry, 0);
}

static bool is_file(uint32_t vma)
{
	return vma >= bounds.anon;
}

/* ---- in an MM ---- */

static int failed(struct slot *slot, const char *call)
{
	slot->error = errno;
	slot->failed = call;
	return -1;
}

static int map_anon(struct slot *slot, uint32_t first, uint32_t count)
{
	char *start = address(0, first);
	size_t bytes = count * entry_size;
	if (mmap(start, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != start)
		return failed(slot, "mmap");
	if (madvise(start, bytes, MADV_HUGEPAGE) != 0)
		return failed(slot, "madvise(MADV_HUGEPAGE)");
	return 0;
}

/*
 * A private mapping of the file with one page more, which is written to and goes again. The VMA has an anon_vma then:
 * fork copies the entries of those VMAs only.
 */
static int map_file(struct slot *slot, uint32_t vma)
{
	char *start = address(vma, 0);
	size_t bytes = bounds.pages * page_size;
	if (mmap(start, bytes + page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file_fd, 0) != start)
		return failed(slot, "mmap of the file");
	*word(vma, bounds.pages) = 0;
	if (munmap(start + bytes, page_size) != 0)
		return failed(slot, "munmap");
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
 * Makes a range a VMA of its own for as long as it is touched: neither a large folio nor fault-around reaches beyond a
 * VMA. A flag that means nothing to faults does it, and the VMAs merge when it is taken back.
 */
static int set_apart(struct slot *slot, uint32_t vma, uint32_t first, uint32_t count, int advice)
{
	if (count == bounds.pages)
		return 0;
	if (madvise(address(vma, first), count * entry_size, advice) != 0)
		return failed(slot, advice == MADV_DONTDUMP ? "madvise(MADV_DONTDUMP)" : "madvise(MADV_DODUMP)");
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
	if (apart && map_anon(slot, first, pages) != 0)
		return -1;
	if (set_apart(slot, 0, first, pages, MADV_DONTDUMP) != 0)
		return -1;
	for (uint32_t i = 0; i < pages; i++)
		write_entry(first + i, value);
	return set_apart(slot, 0, first, pages, MADV_DODUMP);
}

/* A new folio of so many entries, of which the first is written to. */
static int fault_in(struct slot *slot, uint32_t first, uint32_t count, uint32_t value)
{
	if (set_apart(slot, 0, first, count, MADV_DONTDUMP) != 0)
		return -1;
	write_entry(first, value);
	return set_apart(slot, 0, first, count, MADV_DODUMP);
}

/* A load where nothing is mapped: the zero page, and not that of a PMD. */
static int read_in(struct slot *slot, uint32_t entry)
{
	if (set_apart(slot, 0, entry, 1, MADV_DONTDUMP) != 0)
		return -1;
	read_entry(0, entry);
	return set_apart(slot, 0, entry, 1, MADV_DODUMP);
}

static int file_fault(struct slot *slot, uint32_t vma, uint32_t first, uint32_t count)
{
	if (set_apart(slot, vma, first, count, MADV_DONTDUMP) != 0)
		return -1;
	(void)*word(vma, first);
	return set_apart(slot, vma, first, count, MADV_DODUMP);
}

static int move_page(struct slot *slot, uint32_t from, uint32_t to)
{
	const int flags = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;
	apart = true;
	if (mremap(address(0, from), entry_size, entry_size, flags, address(0, to)) != address(0, to))
		return failed(slot, "mremap");
	return 0;
}

static int take_reference(struct slot *slot, uint32_t entry, uint32_t holder)
{
	struct iovec page = { address(0, entry), sizeof(uint32_t) };
	if (vmsplice(holders[holder].pipe[1], &page, 1, SPLICE_F_NONBLOCK) != (ssize_t)page.iov_len)
		return failed(slot, "vmsplice");
	return 0;
}

static int pin(struct slot *slot, uint32_t entry, uint32_t holder)
{
	struct iovec page = { address(0, entry), sizeof(uint32_t) };
	if (syscall(SYS_io_uring_register, holders[holder].ring.fd, IORING_REGISTER_BUFFERS, &page, 1) != 0)
		return failed(slot, "io_uring_register");
	return 0;
}

static int unmap_and_map(struct slot *slot, uint32_t first, uint32_t count)
{
	apart = true;
	if (munmap(address(0, first), count * entry_size) != 0)
		return failed(slot, "munmap");
	return map_anon(slot, first, count);
}

static int protect_and_unprotect(struct slot *slot, uint32_t first, uint32_t count)
{
	if (mprotect(address(0, first), count * entry_size, PROT_READ) != 0 ||
	    mprotect(address(0, first), count * entry_size, PROT_READ | PROT_WRITE) != 0)
		return failed(slot, "mprotect");
	return 0;
}

static int advise(struct slot *slot, uint32_t vma, uint32_t first, uint32_t count, int advice, const char *call)
{
	if (madvise(address(vma, first), count * entry_size, advice) != 0)
		return failed(slot, call);
	return 0;
}

/* A system call that may fail half-way over a hole, or where a VMA does not allow it. What it came to is observed. */
static int may_fail(struct slot *slot, bool fails, const char *call)
{
	return fails && errno != ENOMEM && errno != EFAULT ? failed(slot, call) : 0;
}

static int advise_area(struct slot *slot, uint32_t first, uint32_t count, int advice)
{
	return may_fail(slot, madvise(address(0, first), count * entry_size, advice) != 0, "madvise");
}

/*
 * Splits the folio of an entry into pages, if no other process maps it: MADV_COLD of a part of it does.
 *
 * Linux: mm/madvise.c, madvise_cold_or_pageout_pte_range()
 */
static int split_own(struct slot *slot, uint32_t entry)
{
	if (madvise(address(0, entry), page_size, MADV_COLD) != 0)
		return failed(slot, "madvise(MADV_COLD)");
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

static bool is_wanted(const struct slot *slot, uint32_t vma, uint32_t entry, uint32_t page)
{
	uint32_t small = entry * bounds.run + page;
	return slot->wanted[vma][small / 32] >> small % 32 & 1;
}

/* Pages that are not wanted are not touched: a load would fault them in. */
static void read_contents(struct slot *slot)
{
	for (uint32_t vma = 0; vma < bounds.vmas; vma++) {
		for (uint32_t entry = 0; entry < bounds.pages; entry++) {
			bool first = is_wanted(slot, vma, entry, 0);
			slot->content[vma][entry] = first ? *word(vma, entry) : 0;
			slot->same[vma][entry] = 0;
			for (uint32_t page = 0; page < bounds.run; page++)
				if (!is_wanted(slot, vma, entry, page) || *word_of(vma, entry, page) == slot->content[vma][entry])
					slot->same[vma][entry] |= UINT64_C(1) << page;
		}
	}
}

static void live_as(uint32_t position);

/* The root is the parent of every MM, whoever forks it, so that it can wait for it. */
static int fork_mm(struct slot *slot, uint32_t child)
{
	struct clone_args args = { .flags = CLONE_PARENT };
	long pid = syscall(SYS_clone3, &args, sizeof args);
	if (pid == 0)
		live_as(child);
	if (pid < 0)
		return failed(slot, "clone3");
	slot->child = (pid_t)pid;
	return 0;
}

static void serve(struct slot *slot)
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
		failed(slot, "operation");
	}
}

/* What an MM does for as long as it lives. It does not outlive the root, even if that is killed. */
static void live_as(uint32_t position)
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
		serve(slot);
		atomic_store(&slot->answer, answered + 1);
		syscall(SYS_futex, &slot->answer, FUTEX_WAKE, 1, NULL, NULL, 0);
	}
}

/* ---- the root: what it says ---- */

static struct {
	unsigned char *bytes;
	size_t length, capacity;
} output;

static char failure[256];

/* Remembers what went wrong for the next answer. */
__attribute__((format(printf, 1, 2))) static int fail(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(failure, sizeof failure, format, arguments);
	va_end(arguments);
	return -1;
}

static void say(const void *bytes, size_t length)
{
	if (output.length + length > output.capacity) {
		output.capacity = 2 * (output.length + length);
		output.bytes = realloc(output.bytes, output.capacity);
		if (output.bytes == NULL)
			abort();
	}
	memcpy(output.bytes + output.length, bytes, length);
	output.length += length;
}

static void say_word(uint32_t value)
{
	say(&value, sizeof value);
}

static int flush(void)
{
	for (size_t done = 0; done < output.length;) {
		ssize_t written = write(STDOUT_FILENO, output.bytes + done, output.length - done);
		if (written < 0 && errno != EINTR)
			return -1;
		if (written < 0 && stopping)
			return -1;
		done += written < 0 ? 0 : (size_t)written;
	}
	output.length = 0;
	return 0;
}

static void say_failure(void)
{
	size_t length = strlen(failure), padded = (length + 3) & ~(size_t)3;
	say_word((uint32_t)(8 + padded));
	say_word(FAILURE);
	say_word((uint32_t)length);
	say(failure, length);
	say("\0\0\0", padded - length);
}

/* ---- the root: MMs ---- */

static void forget(struct mm *mm)
{
	close(mm->pagemap);
	close(mm->smaps);
	mm->pid = 0;
}

/* Whether the supervisor has gone. What it sent before it went does not matter then. */
static bool is_alone(void)
{
	struct pollfd end = { .fd = STDIN_FILENO, .events = 0 };
	return poll(&end, 1, 0) == 1 && (end.revents & (POLLHUP | POLLERR)) != 0;
}

/* Has the MM do what its slot says, and waits until that is done. */
static int ask(uint32_t position)
{
	struct slot *slot = &slots[position];
	uint32_t answered = atomic_load(&slot->answer);
	const struct timespec interval = { 0, LOOK_INTERVAL * 1000000L };
	atomic_store(&slot->request, answered + 1);
	syscall(SYS_futex, &slot->request, FUTEX_WAKE, 1, NULL, NULL, 0);
	while (atomic_load(&slot->answer) == answered) {
		int status;
		if (syscall(SYS_futex, &slot->answer, FUTEX_WAIT, answered, &interval, NULL, 0) == 0 || errno == EAGAIN)
			continue;
		if (stopping || is_alone()) {
			stopping = 1;
			return fail("interrupted");
		}
		if (waitpid(mms[position].pid, &status, WNOHANG) == mms[position].pid) {
			forget(&mms[position]);
			atomic_store(&slot->request, answered);
			if (WIFSIGNALED(status))
				return fail("mm %u: killed by signal %d", position, WTERMSIG(status));
			return fail("mm %u: exited", position);
		}
	}
	if (slot->error != 0)
		return fail("mm %u: %s: %s", position, slot->failed, strerror(slot->error));
	return 0;
}

static int open_of(pid_t pid, const char *name)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? fail("%s: %s", path, strerror(errno)) : fd;
}

static int adopt(uint32_t position, pid_t pid)
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
		/* What only the root may hold: the conversation and the lock. */
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		close(LOCK_FD);
		live_as(position);
	}
	if (pid < 0)
		return fail("clone3: %s", strerror(errno));
	if (adopt(position, (pid_t)pid) != 0)
		return -1;
	slots[position].operation[0] = NEW_MM;
	return ask(position);
}

static int wait_for(uint32_t position)
{
	while (waitpid(mms[position].pid, NULL, 0) < 0)
		if (errno != EINTR)
			return fail("waitpid: %s", strerror(errno));
	forget(&mms[position]);
	return 0;
}

static void kill_all(void)
{
	for (uint32_t i = 0; i < MAX_MMS; i++)
		if (mms[i].pid != 0)
			kill(mms[i].pid, SIGKILL);
	for (uint32_t i = 0; i < MAX_MMS; i++)
		if (mms[i].pid != 0)
			wait_for(i);
}

/* ---- the root: holders and the file ---- */

/* A ring that nothing was asked of yet. Where io_uring is not to be had, pins fail, and nothing else does. */
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

/* Moves a word between the pinned page and one end of the scratch pipe, and waits for it. */
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

/* What a holder's page holds now, by way of the scratch pipe. A pipe's page is referred to twice for that long. */
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

/* An unnamed file on a tmpfs that is mounted nowhere: both are gone when nobody has the file open. */
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

/* Whether the page cache has a page of the file. */
static int is_cached(uint32_t index, bool *cached)
{
	off_t offset = (off_t)(index * page_size);
	off_t data = lseek(file_fd, offset, SEEK_DATA);
	if (data < 0 && errno != ENXIO)
		return fail("lseek of data: %s", strerror(errno));
	*cached = data == offset;
	return 0;
}

/* Has the page cache hold a page of the file as a small folio: what a fault makes where no PMD fits. */
static int cache_small(uint32_t index)
{
	char *page = mmap(NULL, page_size, PROT_READ, MAP_SHARED, file_fd, (off_t)(index * page_size));
	if (page == MAP_FAILED)
		return fail("mmap of the file: %s", strerror(errno));
	(void)*(volatile char *)page;
	munmap(page, page_size);
	return 0;
}

/* Page i of the file starts with the word i + 1. */
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
 * Puts one folio of so many pages into the page cache. A write makes the largest folio that lies within the file's size
 * and has nothing in its way, so a page beside it is put in the way if there is none yet, and taken out again.
 *
 * Linux: mm/shmem.c, shmem_get_orders_within_size(), shmem_suitable_orders()
 */
static int read_file(uint32_t index, uint32_t pages)
{
	uint32_t beside = index ^ pages;
	bool in_the_way = (index | pages) + pages > bounds.pages + 1;
	for (uint32_t i = beside; !in_the_way && i < beside + pages; i++)
		if (is_cached(i, &in_the_way) != 0)
			return -1;
	if (in_the_way)
		return write_file(index, pages);
	if (cache_small(beside) != 0 || write_file(index, pages) != 0)
		return -1;
	return reclaim(beside, 1);
}

/* ---- the root: what the kernel does on demand ---- */

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written = fd < 0 ? -1 : write(fd, text, strlen(text));
	int error = errno;
	if (fd >= 0)
		close(fd);
	return written < 0 ? fail("%s: %s", path, strerror(error)) : 0;
}

/* A debugfs that is mounted nowhere. */
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
 * One attempt to split the folio of an entry: the range is one page. Whether it succeeded is observed.
 *
 * @is_own no other process maps the folio: where debugfs is locked, it can be split into pages nevertheless
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
		return ask(position);
	}
	snprintf(text, sizeof text, "%d,0x%zx,0x%zx,%u", (int)mms[position].pid, (size_t)start,
		 (size_t)(start + page_size), order);
	if (pwrite(split_fd, text, strlen(text), 0) < 0)
		return fail("split_huge_pages: %s", strerror(errno));
	return 0;
}

/* A NUMA node with memory that is not `node`; -1 when there is none. */
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

/* Moves the folio of an entry to another NUMA node: to the one that it is on, the kernel moves nothing. */
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

/* ---- the root: operations ---- */

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

/* Whether the parameters of an operation are within bounds, and who is meant is there. */
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
 * Empties this CPU's batches of the LRU: MADV_COLD begins with that, even where nothing is mapped.
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
		/* All shrinkers, that of the deferred-split queue among them. */
		return write_text("/proc/sys/vm/drop_caches", "2");
	}
	memcpy(slots[op[1]].operation, op, sizeof slots[op[1]].operation);
	switch (op[0]) {
	case EXIT:
		atomic_fetch_add(&slots[op[1]].request, 1);
		syscall(SYS_futex, &slots[op[1]].request, FUTEX_WAKE, 1, NULL, NULL, 0);
		if (wait_for(op[1]) != 0)
			return -1;
		atomic_store(&slots[op[1]].answer, atomic_load(&slots[op[1]].request));
		return 0;
	case FORK:
		return ask(op[1]) != 0 ? -1 : adopt(op[2], slots[op[1]].child);
	case GET:
		if (ask(op[1]) != 0)
			return -1;
		holders[op[3]].hold = REFERENCE;
		return 0;
	case PIN:
		if (ask(op[1]) != 0)
			return -1;
		holders[op[3]].hold = PIN_FOR_WRITING;
		holders[op[3]].ring.registered = address(0, op[2]);
		return 0;
	default:
		return ask(op[1]);
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

/* ---- the root: observations ---- */

static const uint64_t PM_PRESENT = 1ULL << 63;
static const uint64_t PM_PFN_MASK = (1ULL << 55) - 1;

/* Reads one 64-bit value for each page frame from `pfn` on. */
static int read_frames(int fd, uint64_t pfn, uint64_t *values, size_t count, const char *name)
{
	ssize_t bytes = pread(fd, values, count * sizeof *values, (off_t)(pfn * sizeof *values));
	if (bytes != (ssize_t)(count * sizeof *values))
		return fail("%s: %s", name, bytes < 0 ? strerror(errno) : "too short");
	return 0;
}

static int read_pagemap(const struct mm *mm, uint32_t vma, uint64_t *values)
{
	off_t offset = (off_t)((uintptr_t)address(vma, 0) / page_size * sizeof *values);
	size_t length = bounds.pages * bounds.run * sizeof *values;
	ssize_t bytes = pread(mm->pagemap, values, length, offset);
	if (bytes != (ssize_t)length)
		return fail("pagemap: %s", bytes < 0 ? strerror(errno) : "too short");
	return 0;
}

/* How many of `values`, which are present, have page frames that follow each other. */
static uint32_t consecutive(const uint64_t *values, uint32_t count)
{
	uint32_t run = 1;
	while (run < count && (values[run] & PM_PRESENT) != 0 &&
	       (values[run] & PM_PFN_MASK) == (values[0] & PM_PFN_MASK) + run)
		run++;
	return run;
}

static int read_page_frames(const uint64_t *pagemap, uint64_t *counts, uint64_t *flags)
{
	uint32_t pages = bounds.pages * bounds.run;
	for (uint32_t page = 0; page < pages;) {
		if ((pagemap[page] & PM_PRESENT) == 0) {
			counts[page] = flags[page] = 0;
			page++;
			continue;
		}
		uint64_t pfn = pagemap[page] & PM_PFN_MASK;
		uint32_t run = consecutive(pagemap + page, pages - page);
		if (read_frames(kpagecount_fd, pfn, counts + page, run, "kpagecount") != 0 ||
		    read_frames(kpageflags_fd, pfn, flags + page, run, "kpageflags") != 0)
			return -1;
		page += run;
	}
	return 0;
}

/* Bits of kpageflags that are compared: head, tail, anon, swap cache, KSM, zero page. */
enum { KPF_HEAD = 0x8000, KPF_TAIL = 0x10000, KPF_COMPARED = KPF_HEAD | KPF_TAIL | 0x1000 | 0x2000 | 0x200000 | 0x1000000 };

/*
 * How many pages of an entry are as its first one: mapped in the same way, with the same counts and contents; of a large folio,
 * the ones that follow it.
 */
static uint32_t count_alike(const uint64_t *pagemap, const uint64_t *counts, const uint64_t *flags, uint64_t same)
{
	const uint64_t compared = PM_PRESENT | 1ULL << 62 | 1ULL << 56;
	bool present = (pagemap[0] & PM_PRESENT) != 0, large = (flags[0] & (KPF_HEAD | KPF_TAIL)) != 0;
	uint64_t kind = flags[0] & KPF_COMPARED;
	uint32_t alike = 1;
	if (large)
		kind = (kind & ~(uint64_t)KPF_HEAD) | KPF_TAIL;
	for (uint32_t page = 1; page < bounds.run; page++) {
		bool is_same = ((pagemap[page] ^ pagemap[0]) & compared) == 0;
		if (present)
			is_same = is_same && counts[page] == counts[0] && (flags[page] & KPF_COMPARED) == kind &&
				  (same >> page & 1) != 0;
		if (present && large)
			is_same = is_same && (pagemap[page] & PM_PFN_MASK) == (pagemap[0] & PM_PFN_MASK) + page;
		alike += is_same;
	}
	return alike;
}

/* What has been read of smaps so far. */
struct smaps_reader {
	struct smaps *areas;
	uint32_t area; /* which one the current VMA belongs to */
	bool last;     /* whether it is the last VMA of the last area */
};

static const char *after(const char *line, const char *name)
{
	size_t length = strlen(name);
	return strncmp(line, name, length) == 0 ? line + length : NULL;
}

/* Takes in a line. Tells whether nothing of interest follows. */
static bool take_line(struct smaps_reader *reader, const char *line)
{
	const char *rest;
	char *dash;
	uintptr_t end_of_areas = (uintptr_t)address(bounds.vmas - 1, bounds.pages);
	uintptr_t start = (uintptr_t)strtoull(line, &dash, 16);
	if (dash != line && *dash == '-') {
		uintptr_t end = (uintptr_t)strtoull(dash + 1, NULL, 16);
		if (start >= end_of_areas)
			return true;
		reader->area = start < (uintptr_t)AREAS ? UINT32_MAX : (uint32_t)((start - (uintptr_t)AREAS) / AREA_DISTANCE);
		reader->last = end >= end_of_areas;
		if (reader->area < bounds.vmas)
			reader->areas[reader->area].vmas++;
		return false;
	}
	if (reader->area >= bounds.vmas)
		return false;
	struct smaps *area = &reader->areas[reader->area];
	if ((rest = after(line, "Rss:")) != NULL)
		area->rss += (uint32_t)strtoul(rest, NULL, 10);
	else if ((rest = after(line, "Pss:")) != NULL)
		area->pss += (uint32_t)strtoul(rest, NULL, 10);
	else if ((rest = after(line, "Private_Clean:")) != NULL)
		area->private += (uint32_t)strtoul(rest, NULL, 10);
	else if ((rest = after(line, "Private_Dirty:")) != NULL) {
		area->private += (uint32_t)strtoul(rest, NULL, 10);
		return reader->last;
	}
	return false;
}

/*
 * Sums up smaps for each area. The kernel makes the text of as many VMAs as it takes to fill what is asked for, so short
 * reads make it look at fewer of them: one VMA's text has some 700 bytes.
 */
static int read_smaps(const struct mm *mm, struct smaps *areas)
{
	enum { CHUNK = 512 };
	struct smaps_reader reader = { areas, UINT32_MAX, false };
	char text[2 * CHUNK + 1];
	size_t length = 0;
	memset(areas, 0, MAX_VMAS * sizeof *areas);
	for (off_t offset = 0;;) {
		ssize_t bytes = pread(mm->smaps, text + length, CHUNK, offset);
		if (bytes < 0)
			return fail("smaps: %s", strerror(errno));
		if (bytes == 0)
			return 0;
		offset += bytes;
		length += (size_t)bytes;
		text[length] = '\0';
		char *line = text;
		for (char *newline; (newline = strchr(line, '\n')) != NULL; line = newline + 1) {
			*newline = '\0';
			if (take_line(&reader, line))
				return 0;
		}
		length -= (size_t)(line - text);
		if (length > CHUNK)
			return fail("smaps: a line of more than %d bytes", CHUNK);
		memmove(text, line, length);
	}
}

/* Everything that /proc tells of one MM, and what it reads itself. */
static int observe_mm(uint32_t position)
{
	const struct mm *mm = &mms[position];
	struct slot *slot = &slots[position];
	static uint64_t pagemap[MAX_VMAS][MAX_SMALL_PAGES], counts[MAX_VMAS][MAX_SMALL_PAGES],
		flags[MAX_VMAS][MAX_SMALL_PAGES];
	struct smaps areas[MAX_VMAS];
	bool present = false;
	memset(slot->wanted, 0, sizeof slot->wanted);
	for (uint32_t vma = 0; vma < bounds.vmas; vma++) {
		if (read_pagemap(mm, vma, pagemap[vma]) != 0 ||
		    read_page_frames(pagemap[vma], counts[vma], flags[vma]) != 0)
			return -1;
		for (uint32_t page = 0; page < bounds.pages * bounds.run; page++) {
			if ((pagemap[vma][page] & PM_PRESENT) != 0) {
				slot->wanted[vma][page / 32] |= 1u << page % 32;
				present = true;
			}
		}
	}
	slot->operation[0] = CONTENTS;
	if (read_smaps(mm, areas) != 0 || (present && ask(position) != 0))
		return -1;
	for (uint32_t vma = 0; vma < bounds.vmas; vma++) {
		for (uint32_t entry = 0; entry < bounds.pages; entry++) {
			uint32_t page = entry * bounds.run;
			uint64_t value = pagemap[vma][page], count = counts[vma][page];
			say_word((uint32_t)value);
			say_word((uint32_t)(value >> 32));
			say_word(count > UINT32_MAX ? UINT32_MAX : (uint32_t)count);
			say_word((uint32_t)flags[vma][page]);
			say_word((value & PM_PRESENT) != 0 ? slot->content[vma][entry] : 0);
			say_word(count_alike(pagemap[vma] + page, counts[vma] + page, flags[vma] + page, slot->same[vma][entry]));
		}
		say(&areas[vma], sizeof areas[vma]);
	}
	return 0;
}

static int observe(void)
{
	size_t words_of_mm = 1 + bounds.vmas * (bounds.pages * 6 + sizeof(struct smaps) / 4);
	size_t words = 1 + bounds.mms * words_of_mm + bounds.holders * 2;
	size_t start = output.length;
	say_word((uint32_t)(words * 4));
	say_word(PERFORM);
	for (uint32_t i = 0; i < bounds.mms; i++) {
		say_word(mms[i].pid != 0);
		if (mms[i].pid == 0)
			for (size_t word = 1; word < words_of_mm; word++)
				say_word(0);
		else if (observe_mm(i) != 0)
			goto failed;
	}
	for (uint32_t holder = 0; holder < bounds.holders; holder++) {
		uint32_t content;
		if (peek(&holders[holder], &content) != 0)
			goto failed;
		say_word(holders[holder].hold != NOTHING);
		say_word(content);
	}
	return 0;
failed:
	output.length = start;
	return -1;
}

/* ---- the root: settings of the host ---- */

static int write_setting(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ssize_t written = fd < 0 ? -1 : write(fd, value, strlen(value));
	int error = errno;
	if (fd >= 0)
		close(fd);
	return written < 0 ? fail("%s: %s", path, strerror(error)) : 0;
}

static int restore_settings(void)
{
	int result = 0;
	while (setting_count > 0) {
		struct setting *setting = &settings[--setting_count];
		if (write_setting(setting->path, setting->old) != 0)
			result = -1;
	}
	return result;
}

/* A text in a request: its length in bytes, then the bytes, padded to a whole word. NULL: there is none. */
static char *take_text(const uint32_t **words, const uint32_t *end)
{
	size_t length = *words < end ? *(*words)++ : SIZE_MAX;
	if (length > (size_t)(end - *words) * 4)
		return NULL;
	char *text = strndup((const char *)*words, length);
	*words += (length + 3) / 4;
	return text;
}

/* What to put back is remembered before anything is changed. */
static int change_settings(const uint32_t *words, const uint32_t *end)
{
	while (words < end) {
		char *path = take_text(&words, end), *old = take_text(&words, end), *new = take_text(&words, end);
		if (path == NULL || old == NULL || new == NULL || setting_count == MAX_SETTINGS)
			return fail("bad request for settings");
		settings[setting_count++] = (struct setting){ path, old };
		if (write_setting(path, new) != 0)
			return -1;
		free(new);
	}
	return 0;
}

/* ---- the root: requests ---- */

/* Reads exactly so many bytes. 0: done; 1: the input ended, or the root is to stop. */
static int read_exactly(void *bytes, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t got = read(STDIN_FILENO, (char *)bytes + done, length - done);
		if (got == 0 || stopping || (got < 0 && errno != EINTR))
			return 1;
		done += got < 0 ? 0 : (size_t)got;
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

/* Whether nothing lies where the areas are to be. A position-independent program lies far above. */
static int find_areas_free(void)
{
	size_t bytes = bounds.vmas * AREA_DISTANCE;
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
	if (mmap(AREAS, bytes, PROT_NONE, flags, -1, 0) != AREAS)
		return fail("addresses from %p on are taken: %s", (void *)AREAS, strerror(errno));
	munmap(AREAS, bytes);
	return 0;
}

/* The first request: the version of the protocol that the supervisor speaks, and the bounds. */
static int hello(const uint32_t *words, size_t count)
{
	if (count != 8 || words[0] != PROTOCOL_VERSION)
		return fail("this agent speaks version %d of the protocol", PROTOCOL_VERSION);
	memcpy(&bounds, words + 1, 7 * sizeof *words);
	bounds.vmas = bounds.anon + bounds.file;
	entry_size = bounds.run * page_size;
	if (bounds.mms < 1 || bounds.mms > MAX_MMS || bounds.pages < 1 || bounds.pages > MAX_PAGES ||
	    bounds.anon > 1 || bounds.vmas < 1 || bounds.vmas > MAX_VMAS || bounds.holders > MAX_HOLDERS ||
	    bounds.run < 1 || bounds.run > MAX_RUN || bounds.mapped < 1 || bounds.mapped > bounds.pages ||
	    (bounds.run > 1 && bounds.file > 0) || bounds.pages * entry_size > AREA_DISTANCE)
		return fail("bounds are out of range");
	if (find_areas_free() != 0)
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
	say_word(12);
	say_word(HELLO);
	say_word(PROTOCOL_VERSION);
	say_word((uint32_t)page_size);
	return 0;
}

/* Whether this session has the host's settings to itself. The supervisor asks again when it has not. */
static int lock(void)
{
	int taken = flock(LOCK_FD, LOCK_EX | LOCK_NB) == 0;
	if (!taken && errno != EWOULDBLOCK)
		return fail("flock: %s", strerror(errno));
	say_word(8);
	say_word(LOCK);
	say_word((uint32_t)taken);
	return 0;
}

static void say_done(enum frame frame)
{
	say_word(4);
	say_word(frame);
}

/* Operations up to the first that fails. */
static int perform_all(const uint32_t *words, size_t count)
{
	if (count % OPERATION_WORDS != 0)
		return fail("bad request for operations");
	for (; count > 0; count -= OPERATION_WORDS, words += OPERATION_WORDS)
		if (perform(words) != 0 || observe() != 0)
			return -1;
	return 0;
}

static int answer(const uint32_t *words, size_t count)
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
		say_done(SETTINGS);
		return 0;
	case PERFORM:
		return perform_all(words + 1, count - 1);
	case RESET:
		if (reset() != 0)
			return -1;
		say_done(RESET);
		return 0;
	default:
		return fail("there is no request %u", words[0]);
	}
}

static void converse(void)
{
	uint32_t length;
	static uint32_t request[MAX_REQUEST_BYTES / 4];
	while (!stopping && read_exactly(&length, sizeof length) == 0) {
		if (length < 4 || length > MAX_REQUEST_BYTES || length % 4 != 0)
			return;
		if (read_exactly(request, length) != 0)
			return;
		failure[0] = '\0';
		if (answer(request, length / 4) != 0)
			say_failure();
		if (flush() != 0)
			return;
	}
}

static void stop(int signal)
{
	(void)signal;
	stopping = 1;
}

/* Everything runs on the CPU that this starts on. */
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

int main(void)
{
	struct sigaction action = { .sa_handler = stop };
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	root_pid = getpid();
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	slots = mmap(NULL, MAX_MMS * sizeof *slots, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (slots == MAP_FAILED || stay_on_one_cpu() != 0) {
		perror("foliocheck agent");
		return 1;
	}
	converse();
	kill_all();
	return restore_settings() == 0 ? 0 : 1;
}
