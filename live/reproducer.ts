/**
 * A stand-alone C program that takes an execution of the model on a running kernel, in the manner of the kernel's own mm
 * selftests: it reports each step as a test in TAP and exits with 0 when the kernel behaves as the model says.
 *
 * It is the agent with a list of steps in the place of the conversation.
 */
import { readFileSync } from "node:fs";
import { type ActionCall, formatCall } from "../explore/model.ts";
import { at } from "../explore/schema.ts";
import type { KernelConfig } from "../model/config.ts";
import { AGENT_SOURCE } from "./agent-binary.ts";
import type { Expectation, ExpectedEntry } from "./expectation.ts";
import { expectLeg, type Leg, planLeg } from "./leg.ts";
import type { Operation } from "./operation.ts";
import { unperformable } from "./operations-of-calls.ts";
import type { PackedWorld } from "./packed-world.ts";
import { parametersOf } from "./protocol.ts";
import type { SessionBounds } from "./session.ts";

/** An execution that user space cannot take. The message is one line. */
export class NotReproducible extends Error {}

/** What a program is about. */
export interface ReproducerSubject {
  readonly bounds: SessionBounds;
  readonly config: KernelConfig;
  /** What the comment at the top says of it, in lines. */
  readonly about: readonly string[];
}

/**
 * The program that takes the calls.
 *
 * @throws NotReproducible for a call that user space cannot make happen, or that the model does not have or enable there
 */
export function reproducer(machine: PackedWorld, calls: readonly ActionCall[], subject: ReproducerSubject): string {
  const leg = planLeg(
    machine,
    calls.map((call, i) => indexOf(machine, call, i)),
  );
  const disabled = calls[leg.calls.length];
  if (disabled !== undefined) {
    throw new NotReproducible(`step ${leg.calls.length + 1}, ${formatCall(disabled)}, is not enabled there`);
  }
  const agent = readFileSync(AGENT_SOURCE, "utf8");
  const [parts] = agent.split(/^int main\(void\)$/m);
  return [
    heading(subject),
    DECLARATIONS,
    withoutHeading(parts ?? ""),
    stepsOf(machine, leg, calls, subject),
    MAIN,
  ].join("\n");
}

function indexOf(machine: PackedWorld, call: ActionCall, step: number): number {
  const why = unperformable(call);
  if (why !== undefined) {
    throw new NotReproducible(`step ${step + 1}, ${formatCall(call)}, is nothing that user space can do: ${why}`);
  }
  const index = machine.indexOf(call);
  if (index < 0) {
    throw new NotReproducible(`step ${step + 1}, ${formatCall(call)}, is not within the bounds of the trace`);
  }
  return index;
}

function heading({ about }: ReproducerSubject): string {
  return [
    "/*",
    ...about.map((line) => ` * ${line}`.trimEnd()),
    " *",
    " * Build and run, as root: cc -o repro repro.c && ./repro",
    " * Exit code 0: the kernel behaves as the model says; 1: it does not; 4: it cannot be told here.",
    " */",
  ].join("\n");
}

/** The agent's conversation is part of its text, and of no use here. */
const DECLARATIONS = "__attribute__((unused)) static void converse(void);\n";

/** The agent without the comment that says what it is. */
function withoutHeading(source: string): string {
  return source.replace(/^\/\*[\s\S]*?\*\/\n/, "");
}

/** The steps and what must be seen after each, as tables. */
function stepsOf(machine: PackedWorld, leg: Leg, calls: readonly ActionCall[], subject: ReproducerSubject): string {
  const { bounds, config } = subject;
  const serials = new FolioSerials();
  const steps: string[] = [];
  const made = leg.operations.length - leg.calls.length;
  leg.operations.slice(0, made - 1).forEach((operation) => {
    steps.push(`\t{ "", ${operationText(operation)}, false, {}, {} },`);
  });
  expectLeg(machine, leg, ({ steps: taken, operation, expected }) => {
    serials.follow(machine.world.folios.map(({ allocated, nrPages }) => (allocated ? nrPages : 0)));
    const text = taken === 0 ? "initial state" : formatCall(at(calls, taken - 1));
    steps.push(stepText(text, operation, expected, serials));
    return true;
  });
  // Folios of four pages tell whether the kernel has CONFIG_PAGE_MAPCOUNT.
  const folioSizes = new Set(bounds.anon > 0 && bounds.pages >= 4 ? [4] : []);
  for (const operation of leg.operations) {
    if (operation.kind === "fault" && operation.pages > 1) {
      folioSizes.add(operation.pages);
    }
  }
  return [
    "/* ---- the steps, and what must be seen after each ---- */",
    "",
    `static const uint32_t session[] = { PROTOCOL_VERSION, ${bounds.mms}, ${bounds.pages}, ${bounds.anon}, ${bounds.file}, ${bounds.holders} };`,
    "/* volatile: a compiler that knows that there are none warns of what is done for them. */",
    `static const volatile unsigned anon_folio_pages[] = { ${[...folioSizes].join(", ") || "0"} };`,
    `static const bool wants_page_mapcount = ${config.pageMapcount};`,
    "",
    "/* A page that must be present: its folio and place in it, and what /proc and the process must say. */",
    "struct page {",
    "\tuint32_t folio; /* 0: nothing is present; else a number that only this folio has */",
    "\tuint32_t index, mapcount;",
    "\tbool exclusive, private;",
    "\tuint32_t divisor; /* of the PSS */",
    "\tuint32_t flags, content;",
    "};",
    "",
    `enum { MMS = ${bounds.mms}, VMAS = ${bounds.anon + bounds.file}, PAGES = ${bounds.pages}, HOLDERS = ${Math.max(1, bounds.holders)}, FOLIOS = ${Math.max(2, serials.count + 1)} };`,
    "",
    `static const uint32_t folio_pages[FOLIOS] = { ${[0, ...serials.sizes].join(", ")} };`,
    "",
    "static const struct {",
    "\tconst char *text;",
    "\tuint32_t operation[OPERATION_WORDS];",
    "\tbool tested;",
    "\tstruct { bool lives; struct page pages[VMAS][PAGES]; } mms[MMS];",
    "\tstruct { bool holds; uint32_t content; } holders[HOLDERS];",
    "} steps[] = {",
    ...steps,
    "};",
    "",
  ].join("\n");
}

function operationText(operation: Operation): string {
  const name = operation.kind.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return `{ ${[name, ...parametersOf(operation)].join(", ")} }`;
}

function stepText(text: string, operation: Operation, expected: Expectation, serials: FolioSerials): string {
  const mms = expected.mms.map((vmas) => {
    if (vmas === null) {
      return "\t\t{ false, {} },";
    }
    const pages = vmas.map((entries) => `{ ${entries.map((entry) => pageText(entry, serials)).join(", ")} }`);
    return `\t\t{ true, { ${pages.join(",\n\t\t\t")} } },`;
  });
  const holders = expected.holders.map((content) => (content === null ? "{ false, 0 }" : `{ true, ${content} }`));
  return [
    `\t{ ${JSON.stringify(text)}, ${operationText(operation)}, true, {`,
    ...mms,
    `\t}, { ${holders.length === 0 ? "{ false, 0 }" : holders.join(", ")} } },`,
  ].join("\n");
}

function pageText(entry: ExpectedEntry, serials: FolioSerials): string {
  if (typeof entry === "string") {
    return "{ 0 }";
  }
  const { folio, page, mapcount, exclusive, divisor, flags, content } = entry;
  const values = [serials.of(folio), page, mapcount, exclusive, entry.private, divisor, flags, content ?? "UINT32_MAX"];
  return `{ ${values.join(", ")} }`;
}

/** A number for each folio that was ever allocated: the model uses the places of freed ones again. */
class FolioSerials {
  /** Pages of each, from the first on. */
  readonly sizes: number[] = [];
  private current: readonly number[] = [];

  get count(): number {
    return this.sizes.length;
  }

  of(folio: number): number {
    return this.current[folio] ?? 0;
  }

  /** A step was taken. @param pages of the folio at each place; 0: it is free */
  follow(pages: readonly number[]): void {
    const before = this.current;
    this.current = pages.map((nr, f) => {
      const known = before[f] ?? 0;
      if (nr === 0 || known > 0) {
        return nr === 0 ? 0 : known;
      }
      this.sizes.push(nr);
      return this.sizes.length;
    });
  }
}

/** The rest of the program. */
const MAIN = String.raw`/* ---- the comparison ---- */

enum { KSFT_PASS = 0, KSFT_FAIL = 1, KSFT_SKIP = 4 };

static uint64_t first_frame[FOLIOS]; /* 0: not seen yet */
static bool same;

__attribute__((format(printf, 1, 2))) static void differ(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	printf("# ");
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
	same = false;
}

static void compare(const char *what, uint32_t mm, uint32_t vma, uint32_t entry, uint64_t model, uint64_t kernel)
{
	if (model != kernel)
		differ("mm %u vma %u entry %u: %s is %llu, the model says %llu", mm, vma, entry, what,
		       (unsigned long long)kernel, (unsigned long long)model);
}

/* Takes the page frames of a folio that is new. No other folio that the model knows can have had them just now. */
static void meet(const struct page *page, uint64_t pfn, const bool *gone)
{
	uint64_t first = pfn - page->index, count = folio_pages[page->folio];
	first_frame[page->folio] = first;
	if (first % count != 0)
		differ("folio %u: its page frames are not aligned", page->folio);
	for (uint32_t other = 1; other < FOLIOS; other++)
		if (other != page->folio && !gone[other] && first_frame[other] != 0 &&
		    first < first_frame[other] + folio_pages[other] && first_frame[other] < first + count)
			differ("folio %u: its page frames are those of folio %u", page->folio, other);
}

static void compare_page(const struct page *page, const uint32_t *seen, uint32_t mm, uint32_t vma, uint32_t entry,
			 const bool *gone)
{
	const uint32_t compared = 0x8000 | 0x10000 | 0x1000 | 0x2000 | 0x200000 | 0x1000000;
	uint64_t pagemap = seen[0] | (uint64_t)seen[1] << 32;
	bool present = pagemap >> 63 & 1;
	compare("present", mm, vma, entry, page->folio != 0, present);
	if (page->folio == 0 || !present)
		return;
	if (first_frame[page->folio] == 0)
		meet(page, pagemap & PM_PFN_MASK, gone);
	compare("page frame", mm, vma, entry, first_frame[page->folio] + page->index, pagemap & PM_PFN_MASK);
	compare("exclusive", mm, vma, entry, page->exclusive, pagemap >> 56 & 1);
	compare("mapcount", mm, vma, entry, page->mapcount, seen[2]);
	compare("flags", mm, vma, entry, page->flags, seen[3] & compared);
	compare("content", mm, vma, entry, page->content, seen[4]);
}

/* smaps of a VMA, in KiB. Its PSS is rounded down for each of the VMAs that the kernel has in its place. */
static void compare_smaps(const struct page *pages, const struct smaps *seen, uint32_t mm, uint32_t vma)
{
	uint64_t rss = 0, pss = 0, private = 0;
	for (uint32_t i = 0; i < PAGES; i++) {
		if (pages[i].folio == 0)
			continue;
		rss += page_size / 1024;
		private += pages[i].private ? page_size / 1024 : 0;
		pss += ((uint64_t)page_size << 12) / pages[i].divisor;
	}
	pss = pss >> 12 >> 10;
	if (seen->rss != rss || seen->private != private)
		differ("mm %u vma %u: Rss and USS are %u and %u kB, the model says %llu and %llu", mm, vma, seen->rss,
		       seen->private, (unsigned long long)rss, (unsigned long long)private);
	if (seen->pss > pss || seen->pss + (seen->vmas > 1 ? seen->vmas : 0) < pss)
		differ("mm %u vma %u: Pss is %u kB, the model says %llu", mm, vma, seen->pss, (unsigned long long)pss);
}

/* Holds the observation that is in the output against what a step expects. */
static void compare_step(size_t step)
{
	const uint32_t *seen = (const uint32_t *)(void *)output.bytes + 2;
	static bool gone[FOLIOS], used[FOLIOS];
	memset(used, 0, sizeof used);
	for (uint32_t mm = 0; mm < MMS; mm++) {
		bool lives = *seen++ != 0;
		if (lives != steps[step].mms[mm].lives)
			differ("mm %u lives: %d, the model says %d", mm, lives, steps[step].mms[mm].lives);
		for (uint32_t vma = 0; vma < VMAS; vma++) {
			const struct page *pages = steps[step].mms[mm].pages[vma];
			struct smaps smaps;
			for (uint32_t entry = 0; entry < PAGES; entry++, seen += 5) {
				used[pages[entry].folio] = true;
				if (lives && steps[step].mms[mm].lives)
					compare_page(&pages[entry], seen, mm, vma, entry, gone);
			}
			memcpy(&smaps, seen, sizeof smaps);
			seen += sizeof smaps / sizeof *seen;
			if (lives && steps[step].mms[mm].lives)
				compare_smaps(pages, &smaps, mm, vma);
		}
	}
	for (uint32_t holder = 0; holder < bounds.holders; holder++, seen += 2)
		if (seen[0] != steps[step].holders[holder].holds || seen[1] != steps[step].holders[holder].content)
			differ("holder %u reads %u, the model says %u", holder, seen[1], steps[step].holders[holder].content);
	/* What nothing maps any more may have been freed: its page frames may come back, but not within the same step. */
	for (uint32_t folio = 1; folio < FOLIOS; folio++)
		gone[folio] = first_frame[folio] != 0 && !used[folio];
}

/* ---- the host ---- */

static int skip(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	return KSFT_SKIP;
}

/* Lets anon faults make folios of the sizes that the steps need. What was set is remembered, and put back at the end. */
static int enable_folio_sizes(void)
{
	for (size_t i = 0; i < sizeof anon_folio_pages / sizeof *anon_folio_pages; i++) {
		char path[128], text[128] = "", *old, *end;
		if (anon_folio_pages[i] < 2)
			continue;
		snprintf(path, sizeof path, "/sys/kernel/mm/transparent_hugepage/hugepages-%zukB/enabled",
			 anon_folio_pages[i] * page_size / 1024);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
			return fail("%s: %s", path, strerror(errno));
		close(fd);
		if ((old = strchr(text, '[')) == NULL || (end = strchr(old, ']')) == NULL)
			return fail("%s: nothing is chosen", path);
		*end = '\0';
		old++;
		if (strcmp(old, "madvise") == 0 || strcmp(old, "always") == 0)
			continue;
		settings[setting_count++] = (struct setting){ strdup(path), strdup(old) };
		if (write_setting(path, "madvise") != 0)
			return -1;
	}
	return 0;
}

/* CONFIG_PAGE_MAPCOUNT keeps a count for each page of a large folio; without it there is an average of all. */
static int has_page_mapcount(bool *has)
{
	const uint32_t fault[] = { FAULT, 0, 0, 4, 1 }, unmap[] = { UNMAP, 0, 0, 0, 1 }, begin[] = { NEW_MM, 0 };
	uint32_t operation[OPERATION_WORDS] = { 0 };
	uint64_t pagemap, count;
	off_t offset = (off_t)((uintptr_t)address(0, 0) / page_size * sizeof pagemap);
	memcpy(operation, begin, sizeof begin);
	if (perform(operation) != 0 || perform(fault) != 0)
		return -1;
	if (pread(mms[0].pagemap, &pagemap, sizeof pagemap, offset) != sizeof pagemap)
		return fail("pagemap: %s", strerror(errno));
	if (perform(unmap) != 0 || read_frames(kpagecount_fd, pagemap & PM_PFN_MASK, &count, 1, "kpagecount") != 0)
		return -1;
	*has = count == 0;
	kill_all();
	return reset();
}

/* ---- */

static int take_steps(void)
{
	size_t count = sizeof steps / sizeof *steps, tests = 0, passed = 0;
	for (size_t i = 0; i < count; i++)
		tests += steps[i].tested;
	printf("TAP version 13\n1..%zu\n", tests);
	for (size_t i = 0, number = 0; i < count && !stopping; i++) {
		same = true;
		output.length = 0;
		if (perform(steps[i].operation) != 0 || observe() != 0) {
			printf("Bail out! %s: %s\n", steps[i].text, failure);
			return KSFT_FAIL;
		}
		if (!steps[i].tested)
			continue;
		compare_step(i);
		printf("%s %zu - %s\n", same ? "ok" : "not ok", ++number, steps[i].text);
		passed += same;
	}
	printf("# Totals: pass:%zu fail:%zu xfail:0 xpass:0 skip:0 error:0\n", passed, tests - passed);
	return passed == tests ? KSFT_PASS : KSFT_FAIL;
}

int main(void)
{
	struct sigaction action = { .sa_handler = stop };
	int nothing = open("/dev/null", O_RDWR), result;
	bool page_mapcount = wants_page_mapcount;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	root_pid = getpid();
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	slots = mmap(NULL, MAX_MMS * sizeof *slots, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (geteuid() != 0)
		return skip("page frame numbers are for root only");
	/* Neither is used here: an MM closes both. */
	if (dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, LOCK_FD) < 0)
		return skip("no /dev/null");
	if (slots == MAP_FAILED || stay_on_one_cpu() != 0 || hello(session, sizeof session / sizeof *session) != 0 ||
	    enable_folio_sizes() != 0)
		result = skip(failure);
	else if (bounds.anon > 0 && bounds.pages >= 4 && has_page_mapcount(&page_mapcount) != 0)
		result = skip(failure);
	else if (bounds.anon > 0 && bounds.pages >= 4 && page_mapcount != wants_page_mapcount)
		result = skip(wants_page_mapcount ? "the kernel has no CONFIG_PAGE_MAPCOUNT" : "the kernel has CONFIG_PAGE_MAPCOUNT");
	else
		result = take_steps();
	kill_all();
	restore_settings();
	return result;
}
`;
