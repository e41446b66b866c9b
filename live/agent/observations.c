/* Root: observations. */
static const uint64_t PM_PRESENT = 1ULL << 63;
static const uint64_t PM_PFN_MASK = (1ULL << 55) - 1;

/* Reads one 64-bit value for each of `count` page frames from `pfn` on. */
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

/* Returns the length of the run of consecutive page frames at the start of `values`, which is present. */
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

/* Compared bits of kpageflags: head, tail, anon, swap cache, KSM, zero page. */
enum {
	KPF_HEAD = 0x8000,
	KPF_TAIL = 0x10000,
	KPF_COMPARED = KPF_HEAD | KPF_TAIL | 0x1000 | 0x2000 | 0x200000 | 0x1000000
};

/*
 * Returns the number of pages of an entry that equal its first one: mapped in the same way, with equal counts and
 * contents; for a large folio, consecutive.
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

/* State of reading smaps. */
struct smaps_reader {
	struct smaps *areas;
	uint32_t area; /* area of the current VMA */
	bool last;     /* whether it is the last VMA of the last area */
};

static const char *skip_prefix(const char *line, const char *name)
{
	size_t length = strlen(name);
	return strncmp(line, name, length) == 0 ? line + length : NULL;
}

/* Processes a line. @returns whether all areas have been read */
static bool parse_line(struct smaps_reader *reader, const char *line)
{
	const char *rest;
	char *dash;
	uintptr_t end_of_areas = (uintptr_t)address(bounds.vmas - 1, bounds.pages);
	uintptr_t start = (uintptr_t)strtoull(line, &dash, 16);
	if (dash != line && *dash == '-') {
		uintptr_t end = (uintptr_t)strtoull(dash + 1, NULL, 16);
		if (start >= end_of_areas)
			return true;
		reader->area = start < (uintptr_t)AREAS ? UINT32_MAX
							: (uint32_t)((start - (uintptr_t)AREAS) / AREA_DISTANCE);
		reader->last = end >= end_of_areas;
		if (reader->area < bounds.vmas)
			reader->areas[reader->area].vmas++;
		return false;
	}
	if (reader->area >= bounds.vmas)
		return false;
	struct smaps *area = &reader->areas[reader->area];
	if ((rest = skip_prefix(line, "Rss:")) != NULL)
		area->rss += (uint32_t)strtoul(rest, NULL, 10);
	else if ((rest = skip_prefix(line, "Pss:")) != NULL)
		area->pss += (uint32_t)strtoul(rest, NULL, 10);
	else if ((rest = skip_prefix(line, "Private_Clean:")) != NULL)
		area->private += (uint32_t)strtoul(rest, NULL, 10);
	else if ((rest = skip_prefix(line, "Private_Dirty:")) != NULL) {
		area->private += (uint32_t)strtoul(rest, NULL, 10);
		return reader->last;
	}
	return false;
}

/*
 * Sums up smaps for each area. The kernel generates the text of as many VMAs as fill the buffer, so short reads limit
 * the VMAs that it visits: the text of one VMA has some 700 bytes.
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
			if (parse_line(&reader, line))
				return 0;
		}
		length -= (size_t)(line - text);
		if (length > CHUNK)
			return fail("smaps: a line of more than %d bytes", CHUNK);
		memmove(text, line, length);
	}
}

/* Appends the observation of one MM: data from /proc, and the contents that it reads itself. */
static int observe_mm(uint32_t position)
{
	const struct mm *mm = &mms[position];
	struct slot *slot = &slots[position];
	static uint64_t pagemap[MAX_VMAS][MAX_SMALL_PAGES], counts[MAX_VMAS][MAX_SMALL_PAGES],
		flags[MAX_VMAS][MAX_SMALL_PAGES];
	struct smaps areas[MAX_VMAS];
	bool present = false;
	memset(slot->requested, 0, sizeof slot->requested);
	for (uint32_t vma = 0; vma < bounds.vmas; vma++) {
		if (read_pagemap(mm, vma, pagemap[vma]) != 0 ||
		    read_page_frames(pagemap[vma], counts[vma], flags[vma]) != 0)
			return -1;
		for (uint32_t page = 0; page < bounds.pages * bounds.run; page++) {
			if ((pagemap[vma][page] & PM_PRESENT) != 0) {
				slot->requested[vma][page / 32] |= 1u << page % 32;
				present = true;
			}
		}
	}
	slot->operation[0] = CONTENTS;
	if (read_smaps(mm, areas) != 0 || (present && run_in_mm(position) != 0))
		return -1;
	for (uint32_t vma = 0; vma < bounds.vmas; vma++) {
		for (uint32_t entry = 0; entry < bounds.pages; entry++) {
			uint32_t page = entry * bounds.run;
			uint64_t value = pagemap[vma][page], count = counts[vma][page];
			append_word((uint32_t)value);
			append_word((uint32_t)(value >> 32));
			append_word(count > UINT32_MAX ? UINT32_MAX : (uint32_t)count);
			append_word((uint32_t)flags[vma][page]);
			append_word((value & PM_PRESENT) != 0 ? slot->content[vma][entry] : 0);
			append_word(count_alike(pagemap[vma] + page, counts[vma] + page, flags[vma] + page,
						slot->same[vma][entry]));
		}
		append(&areas[vma], sizeof areas[vma]);
	}
	return 0;
}

static int observe(void)
{
	size_t words_of_mm = 1 + bounds.vmas * (bounds.pages * 6 + sizeof(struct smaps) / 4);
	size_t words = 1 + bounds.mms * words_of_mm + bounds.holders * 2;
	size_t start = output.length;
	append_word((uint32_t)(words * 4));
	append_word(PERFORM);
	for (uint32_t i = 0; i < bounds.mms; i++) {
		append_word(mms[i].pid != 0);
		if (mms[i].pid == 0)
			for (size_t word = 1; word < words_of_mm; word++)
				append_word(0);
		else if (observe_mm(i) != 0)
			goto failed;
	}
	for (uint32_t holder = 0; holder < bounds.holders; holder++) {
		uint32_t content;
		if (peek(&holders[holder], &content) != 0)
			goto failed;
		append_word(holders[holder].hold != NOTHING);
		append_word(content);
	}
	return 0;
failed:
	output.length = start;
	return -1;
}
