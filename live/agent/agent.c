/*
 * Agent of `foliocheck live` on the running kernel: performs operations on real processes, and reports observations
 * from /proc.
 *
 * One root process is the parent of all others. Each MM is a process that waits for requests in a page shared with the
 * root (with a futex for each direction), and executes operations on its own address space. The root executes those
 * that need no MM: pipes, the file, /proc, settings.
 *
 * Protocol: frames on stdin and stdout. A frame is one 32-bit word with the number of bytes that follow, a multiple of
 * 4, then 32-bit words in the byte order of the host, of which the first is the kind of the frame.
 * live/session/protocol.ts is the other side. At the end of stdin, the agent first kills the processes, then restores
 * the settings.
 *
 * Sources of disturbance, and measures against them:
 * - Per-CPU LRU batches hold references to small folios that were just added, or that GUP has just marked accessed for
 *   the second time. Before the reuse decision, the kernel drains the batches of the current CPU, but not if the folio is
 *   on the LRU already, as in the second case. Hence all processes run on one CPU, and the root drains its batches before
 *   each operation. Batches do not hold large folios.
 * - The page tables of an MM are freed when its process exits, before the parent is notified: the root waits for the
 *   process.
 * - The root reads memory through /proc only. Contents are read by the MM itself, and only from present entries:
 *   reading from another process takes a reference to the folio, or unshares it.
 * - khugepaged needs a whole PMD range in one VMA; the areas are smaller. KSM needs MADV_MERGEABLE.
 * - Compaction and reclaim migrate and split folios at any time: a disturbance by them does not recur when the same
 *   operations are executed again from the start.
 * - The areas are below all other mappings of a process: smaps lists them first, and reading can stop after them.
 */
#include "declarations.h"
#include "areas.c"
#include "in_mm.c"
#include "output.c"
#include "mms.c"
#include "holders.c"
#include "on_demand.c"
#include "operations.c"
#include "observations.c"
#include "settings.c"
#include "requests.c"

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
	serve_requests();
	kill_all();
	return restore_settings() == 0 ? 0 : 1;
}
