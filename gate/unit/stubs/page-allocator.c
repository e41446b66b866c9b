#define trace_mm_page_free(page, order) ((void)0)
#define kmsan_free_page(page, order) ((void)0)
#define memcg_kmem_online() 0
#define PageMemcgKmem(page) 0
#define __memcg_kmem_uncharge_page(page, order) ((void)0)
#define reset_page_owner(page, order) ((void)0)
#define set_page_owner(page, order, flags) ((void)0)
#define page_table_check_free(page, order) ((void)0)
#define page_table_check_alloc(page, order) ((void)0)
#define pgalloc_tag_sub(page, nr) ((void)0)
#define pgalloc_tag_add(page, task, nr) ((void)0)
#define clear_page_tag_ref(page) ((void)0)
#define debug_check_no_locks_freed(address, bytes) ((void)0)
#define debug_check_no_obj_freed(address, bytes) ((void)0)
#define kernel_poison_pages(page, nr) ((void)0)
#define kernel_unpoison_pages(page, nr) ((void)0)
#define should_skip_kasan_poison(page) 1
#define should_skip_kasan_unpoison(flags) 1
#define should_skip_init(flags) 1
#define kasan_poison_pages(page, order, init) ((void)0)
#define kasan_unpoison_pages(page, order, init) 0
#define kasan_has_integrated_init() 0
#define page_kasan_tag_reset(page) ((void)0)
#define want_init_on_free() 0
#define want_init_on_alloc(flags) 0
#define kernel_init_pages(page, nr) ((void)0)
#define tag_clear_highpages(page, nr, ...) 0
#define arch_alloc_page(page, order) ((void)0)
#define arch_free_page(page, order) ((void)0)
#define debug_pagealloc_map_pages(page, nr) ((void)0)
#define debug_pagealloc_unmap_pages(page, nr) ((void)0)
#define PageHighMem(page) 0
#define page_address(page) ((void *)0)
#define zone_stat_mod_folio(folio, item, nr) ((void)0)
#define page_cpupid_reset_last(page) ((void)0)
#define folio_xchg_last_cpupid(folio, cpupid) ((void)0)
#define folio_last_cpupid(folio) 0
#define __GFP_ZEROTAGS 0U
