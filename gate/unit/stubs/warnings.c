extern int gate_warning;
#define GATE_SITE GATE_SITE_(GATE_FILE, __LINE__)
#define GATE_SITE_(file, line) GATE_SITE__(file, line)
#define GATE_SITE__(file, line) gate_site_##file##_##line
#define GATE_WARN(condition) \
	({ \
		const bool gate_fires = !!(condition); \
		if (gate_fires && !gate_warning) \
			gate_warning = GATE_SITE; \
		gate_fires; \
	})
#define VM_WARN_ON(condition) GATE_WARN(condition)
#define VM_WARN_ON_ONCE(condition) GATE_WARN(condition)
#define VM_WARN_ON_FOLIO(condition, folio) GATE_WARN(condition)
#define VM_WARN_ON_ONCE_FOLIO(condition, folio) GATE_WARN(condition)
#define VM_WARN_ON_ONCE_PAGE(condition, page) GATE_WARN(condition)
#define VM_WARN_ON_ONCE_MM(condition, mm) GATE_WARN(condition)
#define VM_WARN_ON_ONCE_VMA(condition, vma) GATE_WARN(condition)
#define VM_WARN_ONCE(condition, ...) GATE_WARN(condition)
#define VM_WARN(condition, ...) GATE_WARN(condition)
#define VM_BUG_ON(condition) GATE_WARN(condition)
#define VM_BUG_ON_FOLIO(condition, folio) GATE_WARN(condition)
#define VM_BUG_ON_PAGE(condition, page) GATE_WARN(condition)
#define VM_BUG_ON_VMA(condition, vma) GATE_WARN(condition)
#define VM_BUG_ON_MM(condition, mm) GATE_WARN(condition)
#define VM_BUG_ON_PGFLAGS(condition, page) GATE_WARN(condition)
#define WARN_ON(condition) GATE_WARN(condition)
#define WARN_ON_ONCE(condition) GATE_WARN(condition)
#define WARN(condition, ...) GATE_WARN(condition)
#define WARN_ONCE(condition, ...) GATE_WARN(condition)
#define BUG_ON(condition) GATE_WARN(condition)
#define BUG() GATE_WARN(1)
#define BUILD_BUG() GATE_WARN(1)
#define BUILD_BUG_ON(condition) GATE_WARN(condition)
#define BUILD_BUG_ON_MSG(condition, ...) GATE_WARN(condition)
#define bad_page(page, reason) ((void)GATE_WARN(1))
#define dump_page(page, reason) ((void)0)
