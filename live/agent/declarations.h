/* Headers, words of the protocol, and declarations shared by all parts of the agent. */
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
/* Maximum number of pages of a VMA. */
enum { MAX_SMALL_PAGES = MAX_PAGES * MAX_RUN };
/* Words of an operation in a request: kind, and up to four parameters. */
enum { OPERATION_WORDS = 5 };
/* Maximum size of a request. The supervisor splits longer batches. */
enum { MAX_REQUEST_BYTES = 1 << 20 };
/*
 * File descriptor that carries the lock on the settings of the host. Its open file description is shared with the
 * supervisor.
 */
enum { LOCK_FD = 3 };
/* Interval, in milliseconds, at which a wait checks that the other side still exists. */
enum { POLL_INTERVAL = 50 };

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
	/*
	 * Internal, not in the protocol: the MM reads the contents of the pages in `requested`, or splits a folio that only it
	 * maps.
	 */
	CONTENTS,
	SPLIT_OWN,
};

/* Memory shared by the root and an MM. A request is pending while `request` differs from `answer`. */
struct slot {
	_Atomic uint32_t request;
	_Atomic uint32_t answer;
	uint32_t operation[OPERATION_WORDS];
	/*
	 * errno and name of a failed system call. The pointer is valid in both processes, since there is no exec between them.
	 */
	int error;
	const char *failed_call;
	pid_t child;
	/* One bit for each page of each VMA: whether its contents are requested. */
	uint32_t requested[MAX_VMAS][MAX_SMALL_PAGES / 32];
	/* By entry: the content of its first page, and one bit for each of its pages: whether it has the same content. */
	uint32_t content[MAX_VMAS][MAX_PAGES];
	uint64_t same[MAX_VMAS][MAX_PAGES];
};

struct mm {
	pid_t pid; /* 0: no such MM */
	int pagemap;
	int smaps;
};

/* Kind of reference of a holder: by a pipe, or by an io_uring with the page as a registered buffer. */
enum hold { NOTHING, REFERENCE, PIN_FOR_WRITING };

struct holder {
	enum hold hold;
	int pipe[2];
	struct ring {
		int fd; /* -1: io_uring is not available */
		unsigned char *rings;
		struct io_uring_sqe *entries;
		struct io_uring_params params;
		void *registered; /* address of the page at its registration, which still identifies it later */
	} ring;
};

struct setting {
	char *path;
	char *old;
};

struct smaps {
	uint32_t rss, pss, private, vmas; /* rss, pss and private in KiB */
};

/*
 * An entry is a run of pages, on which operations act as a whole. Initially, `mapped` entries of the anonymous VMA are
 * mapped.
 */
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

/* In an MM: mremap() has divided the anonymous area into VMAs that the kernel does not merge again. */
static bool areas_fragmented;
