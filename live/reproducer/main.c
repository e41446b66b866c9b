/* ---- comparison ---- */

enum { KSFT_PASS = 0, KSFT_FAIL = 1, KSFT_SKIP = 4 };

static uint64_t first_frame[FOLIOS]; /* 0: not observed yet */
static bool matches;

static bool is_zero_page(const struct page *page) { return page->folio == ZERO_PAGE; }

__attribute__((format(printf, 1, 2))) static void report_difference(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	printf("# ");
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
	matches = false;
}

static void compare(const char *what, uint32_t mm, uint32_t vma, uint32_t entry, uint64_t model, uint64_t kernel)
{
	if (model != kernel)
		report_difference("mm %u vma %u entry %u: %s is %llu, the model says %llu", mm, vma, entry, what,
				  (unsigned long long)kernel, (unsigned long long)model);
}

/* Records the page frames of a new folio. No other folio of the model that is still mapped can have them. */
static void record_frames(const struct page *page, uint64_t pfn, const bool *unmapped)
{
	uint64_t first = pfn - page->index, count = folios[page->folio].pages;
	uint32_t whole = folios[page->folio].from;
	first_frame[page->folio] = first;
	if (whole != 0 && first_frame[whole] != 0) {
		first_frame[page->folio] = first_frame[whole] + folios[page->folio].first;
		return;
	}
	if (first % count != 0)
		report_difference("folio %u: its page frames are not aligned", page->folio);
	for (uint32_t other = 1; other < FOLIOS; other++)
		if (other != page->folio && !unmapped[other] && first_frame[other] != 0 &&
		    first < first_frame[other] + folios[other].pages && first_frame[other] < first + count)
			report_difference("folio %u: its page frames are those of folio %u", page->folio, other);
}

static void compare_page(const struct page *page, const uint32_t *observed, uint32_t mm, uint32_t vma, uint32_t entry,
			 const bool *unmapped)
{
	uint64_t pagemap = observed[0] | (uint64_t)observed[1] << 32;
	bool present = pagemap >> 63 & 1;
	compare("present", mm, vma, entry, page->folio != 0, present);
	if (bounds.run > 1)
		compare("number of pages that are alike", mm, vma, entry, bounds.run, observed[5]);
	if (page->folio == 0 || !present)
		return;
	if (is_zero_page(page)) {
		compare("flags", mm, vma, entry, 0x1000000, observed[3] & KPF_COMPARED);
		return;
	}
	if (first_frame[page->folio] == 0)
		record_frames(page, pagemap & PM_PFN_MASK, unmapped);
	compare("page frame", mm, vma, entry, first_frame[page->folio] + page->index, pagemap & PM_PFN_MASK);
	compare("exclusive", mm, vma, entry, page->exclusive, pagemap >> 56 & 1);
	compare("mapcount", mm, vma, entry, page->mapcount, observed[2]);
	compare("flags", mm, vma, entry, page->flags, observed[3] & KPF_COMPARED);
	compare("content", mm, vma, entry, page->content, observed[4]);
}

/* Compares smaps of a VMA, in KiB. Pss is rounded down in each of the VMAs into which the kernel has split it. */
static void compare_smaps(const struct page *pages, const struct smaps *observed, uint32_t mm, uint32_t vma)
{
	uint64_t rss = 0, pss = 0, private = 0;
	for (uint32_t i = 0; i < PAGES; i++) {
		if (pages[i].folio == 0 || is_zero_page(&pages[i]))
			continue;
		rss += entry_size / 1024;
		private += pages[i].private ? entry_size / 1024 : 0;
		pss += bounds.run * (((uint64_t)page_size << 12) / pages[i].divisor);
	}
	pss = pss >> 12 >> 10;
	if (observed->rss != rss || observed->private != private)
		report_difference("mm %u vma %u: Rss and USS are %u and %u kB, the model says %llu and %llu", mm, vma,
				  observed->rss, observed->private, (unsigned long long)rss,
				  (unsigned long long)private);
	if (observed->pss > pss || observed->pss + (observed->vmas > 1 ? observed->vmas : 0) < pss)
		report_difference("mm %u vma %u: Pss is %u kB, the model says %llu", mm, vma, observed->pss,
				  (unsigned long long)pss);
}

/* Compares the observation in the output buffer with the expectation of a step. */
static void compare_step(size_t step)
{
	const uint32_t *observed = (const uint32_t *)(void *)output.bytes + 2;
	static bool unmapped[FOLIOS], used[FOLIOS];
	memset(used, 0, sizeof used);
	for (uint32_t mm = 0; mm < MMS; mm++) {
		bool lives = *observed++ != 0;
		if (lives != steps[step].mms[mm].lives)
			report_difference("mm %u lives: %d, the model says %d", mm, lives, steps[step].mms[mm].lives);
		for (uint32_t vma = 0; vma < VMAS; vma++) {
			const struct page *pages = steps[step].mms[mm].pages[vma];
			struct smaps smaps;
			for (uint32_t entry = 0; entry < PAGES; entry++, observed += 6) {
				if (!is_zero_page(&pages[entry]))
					used[pages[entry].folio] = true;
				if (lives && steps[step].mms[mm].lives)
					compare_page(&pages[entry], observed, mm, vma, entry, unmapped);
			}
			memcpy(&smaps, observed, sizeof smaps);
			observed += sizeof smaps / sizeof *observed;
			if (lives && steps[step].mms[mm].lives)
				compare_smaps(pages, &smaps, mm, vma);
		}
	}
	for (uint32_t holder = 0; holder < bounds.holders; holder++, observed += 2)
		if (observed[0] != steps[step].holders[holder].holds ||
		    observed[1] != steps[step].holders[holder].content)
			report_difference("holder %u reads %u, the model says %u", holder, observed[1],
					  steps[step].holders[holder].content);
	/* An unmapped folio may have been freed: its page frames may be reused, but not within the same step. */
	for (uint32_t folio = 1; folio < FOLIOS; folio++)
		unmapped[folio] = first_frame[folio] != 0 && !used[folio];
}

/* ---- host ---- */

static int skip(const char *reason)
{
	printf("1..0 # SKIP %s\n", reason);
	return KSFT_SKIP;
}

/* Sets a setting, unless it already has one of two values. The old value is restored at the end. */
static int require_setting(const char *path, const char *value, const char *other)
{
	char text[128] = "", *old = text, *end;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
		return fail("%s: %s", path, strerror(errno));
	close(fd);
	/* With several choices, the current one is in brackets. */
	if ((end = strchr(text, ']')) != NULL && strchr(text, '[') != NULL)
		old = strchr(text, '[') + 1;
	else if ((end = strchr(text, '\n')) == NULL)
		return fail("%s: nothing is chosen", path);
	*end = '\0';
	if (strcmp(old, value) == 0 || strcmp(old, other) == 0)
		return 0;
	settings[setting_count++] = (struct setting){ strdup(path), strdup(old) };
	return write_setting(path, value);
}

#define THP "/sys/kernel/mm/transparent_hugepage/"

/*
 * Enables the folio sizes that the steps need for anonymous faults. With runs of pages, disables others and collapse.
 */
static int enable_folio_sizes(void)
{
	const size_t count = sizeof anon_folio_pages / sizeof *anon_folio_pages;
	char path[128];
	/* Held until the end: a session of foliocheck, or another program, may have changed the settings temporarily. */
	int lock_fd = open(THP, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock_fd < 0 || flock(lock_fd, LOCK_EX) != 0)
		return fail(THP ": %s", strerror(errno));
	for (size_t pages = 2; pages <= MAX_SMALL_PAGES; pages *= 2) {
		bool is_needed = false;
		for (size_t i = 0; i < count; i++)
			is_needed = is_needed || anon_folio_pages[i] == pages;
		snprintf(path, sizeof path, THP "hugepages-%zukB/enabled", pages * page_size / 1024);
		if (is_needed && require_setting(path, "madvise", "always") != 0)
			return -1;
		if (!is_needed && bounds.run > 1 && access(path, F_OK) == 0 &&
		    require_setting(path, "never", "never") != 0)
			return -1;
	}
	for (size_t i = 0; bounds.run > 1 && i < sizeof run_settings / sizeof *run_settings; i++)
		if (require_setting(run_settings[i][0], run_settings[i][1], run_settings[i][1]) != 0)
			return -1;
	return 0;
}

/* Sets *has to whether the kernel has CONFIG_PAGE_MAPCOUNT: a count for each page of a large folio, not one average. */
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

static int run_steps(void)
{
	size_t count = sizeof steps / sizeof *steps, tests = 0, passed = 0;
	for (size_t i = 0; i < count; i++)
		tests += steps[i].tested;
	printf("TAP version 13\n1..%zu\n", tests);
	for (size_t i = 0, number = 0; i < count && !stopping; i++) {
		matches = true;
		output.length = 0;
		if (perform(steps[i].operation) != 0 || observe() != 0) {
			printf("Bail out! %s: %s\n", steps[i].text, failure);
			return is_refusal_a_skip ? KSFT_SKIP : KSFT_FAIL;
		}
		if (!steps[i].tested)
			continue;
		compare_step(i);
		printf("%s %zu - %s\n", matches ? "ok" : "not ok", ++number, steps[i].text);
		passed += matches;
	}
	printf("# Totals: pass:%zu fail:%zu xfail:0 xpass:0 skip:0 error:0\n", passed, tests - passed);
	bool is_compared = steps[count - 1].tested;
	if (conclusions[0] != NULL)
		printf("# %s\n", conclusions[passed != tests ? 1 : is_compared ? 0 : 2]);
	if (passed != tests)
		return KSFT_FAIL;
	return is_compared ? KSFT_PASS : KSFT_SKIP;
}

int main(void)
{
	struct sigaction action = { .sa_handler = stop };
	int nothing = open("/dev/null", O_RDWR), result;
	bool page_mapcount = expects_page_mapcount;
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
	else if (bounds.anon > 0 && bounds.pages >= 4 && page_mapcount != expects_page_mapcount)
		result = skip(expects_page_mapcount ? "the kernel has no CONFIG_PAGE_MAPCOUNT"
						    : "the kernel has CONFIG_PAGE_MAPCOUNT");
	else
		result = run_steps();
	kill_all();
	restore_settings();
	return result;
}
