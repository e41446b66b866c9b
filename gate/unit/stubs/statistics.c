extern long gate_stats[];
extern int gate_other_statistic;
#define GATE_COUNT_STATISTIC(item, nr) \
	({ \
		const int gate_item = (item); \
		gate_stats[gate_item] += (nr); \
		if (gate_item != NR_ANON_MAPPED && gate_item != NR_FILE_MAPPED && gate_item != NR_ANON_THPS && \
		    gate_item != NR_SHMEM_PMDMAPPED && gate_item != NR_FILE_PMDMAPPED) \
			gate_other_statistic = gate_item + 1; \
	})
#define __lruvec_stat_mod_folio(folio, item, nr) ((void)(folio), GATE_COUNT_STATISTIC(item, nr))
#define lruvec_stat_mod_folio(folio, item, nr) __lruvec_stat_mod_folio(folio, item, nr)
#define __lruvec_stat_add_folio(folio, item) __lruvec_stat_mod_folio(folio, item, folio_nr_pages(folio))
#define __mod_node_page_state(pgdat, item, nr) ((void)GATE_COUNT_STATISTIC(item, nr))
#define mod_node_page_state(pgdat, item, nr) __mod_node_page_state(pgdat, item, nr)
#define __node_stat_mod_folio(folio, item, nr) __lruvec_stat_mod_folio(folio, item, nr)
#define node_stat_mod_folio(folio, item, nr) __lruvec_stat_mod_folio(folio, item, nr)
#define folio_pgdat(folio) ((void *)0)
#define count_vm_event(item) ((void)0)
#define count_vm_events(item, nr) ((void)0)
#define count_mthp_stat(order, item) ((void)0)
#define mod_mthp_stat(order, item, delta) ((void)0)
