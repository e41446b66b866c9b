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
	converse();
	kill_all();
	return restore_settings() == 0 ? 0 : 1;
}
