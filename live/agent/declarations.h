/* Headers, the words of the protocol, and what all parts of the agent share. */
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
