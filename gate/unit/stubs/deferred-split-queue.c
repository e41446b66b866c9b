extern struct deferred_split gate_deferred_split;
#define get_deferred_split_queue(folio) (&gate_deferred_split)
#define folio_split_queue_lock(folio) (GATE_LOCK(folio), &gate_deferred_split)
#define folio_split_queue_lock_irqsave(folio, flags) (GATE_LOCK(folio), (void)(*(flags) = 0), &gate_deferred_split)
#define set_shrinker_bit(memcg, nid, id) ((void)0)
#define split_queue_unlock(queue) GATE_UNLOCK(queue)
#define split_queue_unlock_irqrestore(queue, flags) (GATE_UNLOCK(queue), (void)(flags))
