/* Races of MM owner tracking: what `foliocheck race` explores for
 *
 *     fork(0, 2) | zap(1, 0, 1); zap(1, 1, 1) | zap(3, 0, 1); zap(3, 1, 1) | folio_maybe_mapped_shared()
 *     --start "anonFault(0); fork(0, 1); fork(0, 3)" --config no-page-mapcount --mms 4 --stats 0
 *
 * by hand. One large folio of two pages; MMs 0, 1 and 3 map both, MM 2 is the child of the fork. A process for each CPU, a
 * transition for each access, and one for the beginning of each call. The order of accesses is that of model/kernel:
 *
 *     fork         51 accesses; adds two mappings of MM 2 (folio_add_return_large_mapcount())
 *     zap          27 or more; removes one mapping (folio_sub_return_large_mapcount())
 *     reader       2; folio_maybe_mapped_shared()
 *
 * Differences: a load of a field that no other CPU writes here (page table entries, page flags, ids of MMs) is a step without
 * effect, and so are operations on page table locks, which are never contended here. Page tables are reduced to the number
 * of entries of each MM. A load whose value decides a branch is the guard of a choice: no values are stored except the new
 * large mapcount. The claims are C18 at the end of the reader, and those about slots and the large mapcount while all CPUs
 * are idle.
 *
 * -DREADER_TAKES_IDS : the faulty kernel of that name
 */
#define NONE 0           /* MM_ID_DUMMY; the id of MM m is m + 1 */
#define ID(m) ((m) + 1)

bit lock;                /* the large-mapcount lock */
short large = 5;         /* stored as in the kernel: mappings less one */
byte id[2] = { 1, 2 };  
short count[2] = { 1, 1 };          /* mappings of the slots, less one */
bit shared = 1;
short refcount = 6;
byte entries[4] = { 2, 2, 0, 2 };         /* page table entries of each MM that map the folio */
byte running;            /* CPUs that execute something */
bit reading;             /* whether the reader is one */
bit observed;            /* whether one MM at most mapped the folio at some instant since the reader began */

#define MAPPING ((entries[0] > 0) + (entries[1] > 0) + (entries[2] > 0) + (entries[3] > 0))
#define OBSERVE if :: (reading && MAPPING <= 1) -> observed = 1 :: else fi

#define PRIVATE skip     /* a load of what no other CPU writes */
#define LOADED(what) ((what) == (what))

/* Claims about states in which all CPUs are idle. */
#define OF(k) entries[id[k] - 1]
#define SLOT(k) ((id[k] == NONE) == (count[k] == -1) && (id[k] == NONE || count[k] + 1 <= OF(k)))
#define SLOTS (SLOT(0) && SLOT(1) && (id[0] == NONE || id[0] != id[1]))
#define COUNTED (large + 1 == entries[0] + entries[1] + entries[2] + entries[3])
#define EXCLUSIVE (shared || MAPPING <= 1)
#define BEGIN running++
#define END running--; assert(running > 0 || (SLOTS && COUNTED && EXCLUSIVE && lock == 0))

/* The checks of one slot: three loads. */
inline sanity(k) {
  if
  :: id[k] == NONE -> assert(count[k] == -1); LOADED(id[k])
  :: else -> LOADED(id[k]); assert(count[k] >= 0)
  fi
}

/* Takes the lock, performs the checks, and loads the large mapcount again: ten accesses. */
inline lock_and_check() {
  d_step { lock == 0 -> lock = 1 };
  PRIVATE;               /* whether the MM has an id */
  sanity(0);
  sanity(1);
  assert(large >= 0);
  LOADED(large)
}

/* Takes a free slot for the child's two mappings. */
inline claim(k) {
  id[k] = ID(2);
  count[k] = 1
}

/* Removes one mapping from a slot, and frees the slot after its last one. */
inline remove(k) {
  LOADED(count[k]);
  count[k] = count[k] - 1;
  if
  :: d_step { count[k] >= 0 -> tracked = 1 }
  :: else -> count[k] = -1; id[k] = NONE
  fi
}

/* Unmaps one page from an MM that maps it. */
inline zap(m) {
  d_step { BEGIN };
  PRIVATE; PRIVATE; PRIVATE; PRIVATE; PRIVATE; PRIVATE;  /* page table lock, the entry */
  d_step { entries[m]--; OBSERVE };
  lock_and_check();
  large = large - 1;
  if
  :: id[0] == ID(m) -> remove(0)
  :: else ->
     if
     :: id[1] == ID(m) -> remove(1)
     :: else
     fi
  fi;
  if
  :: d_step { tracked -> tracked = 0; lock = 0 }
  :: !tracked && count[0] == large -> shared = 0; lock = 0
  :: !tracked && count[0] != large ->
     if
     :: count[1] == large -> shared = 0
     :: else
     fi;
     lock = 0
  fi;
  assert(large >= 0);
  PRIVATE;               /* page table lock */
  d_step { refcount = refcount - 1; END }
}

active proctype Fork() {
  d_step { BEGIN };
  PRIVATE; PRIVATE; PRIVATE;                         /* sequence count and page table locks */
  PRIVATE; PRIVATE; PRIVATE; PRIVATE; PRIVATE;       /* the batch of entries */
  PRIVATE; PRIVATE; PRIVATE; PRIVATE; PRIVATE;
  refcount = refcount + 2;
  PRIVATE; PRIVATE; PRIVATE; PRIVATE;                /* pinned? exclusive pages? */
  lock_and_check();
  large = large + 2;
  if
  :: id[0] == ID(2) -> assert(false)
  :: else
  fi;
  if
  :: id[1] == ID(2) -> assert(false)
  :: else
  fi;
  if
  :: id[0] == NONE -> assert(false)                  /* MM 0 maps both pages throughout */
  :: else ->
     if
     :: id[1] == NONE -> claim(1); shared = 1
     :: else
     fi
  fi;
  lock = 0;
  PRIVATE; PRIVATE;
  PRIVATE; PRIVATE; PRIVATE; PRIVATE; PRIVATE;
  d_step { entries[2]++; OBSERVE };
  PRIVATE; PRIVATE; PRIVATE; PRIVATE; PRIVATE;
  d_step { entries[2]++; OBSERVE };
  PRIVATE; PRIVATE;                                  /* page table locks */
  d_step { END };                                    /* sequence count */
end_of_calls:
  false
}

active proctype Zap1() {
  bit tracked;
  zap(1);
  zap(1);
end_of_calls:
  false
}

active proctype Zap3() {
  bit tracked;
  zap(3);
  zap(3);
end_of_calls:
  false
}

#define ANSWER(isShared) assert((isShared) || observed); reading = 0; observed = 0; END

active proctype Reader() {
  bit used;
  d_step { BEGIN; reading = 1; observed = (MAPPING <= 1) };
  assert(large > 0);                                 /* else the folio is not shared: never here */
#ifdef READER_TAKES_IDS
  if
  :: d_step { !shared -> ANSWER(false) }
  :: else ->
     used = (count[0] >= 0);
     d_step { ANSWER(used == (count[1] >= 0)) }
  fi;
#else
  d_step { ANSWER(shared) };
#endif
end_of_calls:
  false
}
