#define static_branch_likely(key) 0
#define static_branch_unlikely(key) 0
#define is_check_pages_enabled() 1
