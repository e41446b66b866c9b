typedef struct {
	int counter;
} atomic_t;
typedef struct {
	long counter;
} atomic_long_t;
#define ATOMIC_INIT(value) \
	{ \
		(value) \
	}
#define READ_ONCE(place) (*(const volatile __typeof__(place) *)&(place))
#define WRITE_ONCE(place, value) \
	do { \
		*(volatile __typeof__(place) *)&(place) = (value); \
	} while (0)
#define barrier() ((void)0)
#define smp_mb() ((void)0)
#define smp_rmb() ((void)0)
#define smp_wmb() ((void)0)
#define smp_mb__before_atomic() ((void)0)
#define smp_mb__after_atomic() ((void)0)
#define smp_store_release(place, value) WRITE_ONCE(*(place), value)
#define smp_load_acquire(place) READ_ONCE(*(place))
static inline int atomic_read(const atomic_t *v) { return v->counter; }
static inline long atomic_long_read(const atomic_long_t *v) { return v->counter; }
static inline void atomic_long_set(atomic_long_t *v, long i) { v->counter = i; }
static inline void atomic_long_add(long i, atomic_long_t *v) { v->counter += i; }
static inline void atomic_long_sub(long i, atomic_long_t *v) { v->counter -= i; }
static inline void atomic_long_inc(atomic_long_t *v) { v->counter++; }
static inline void atomic_long_dec(atomic_long_t *v) { v->counter--; }
static inline long atomic_long_add_return(long i, atomic_long_t *v) { return v->counter += i; }
static inline long atomic_long_sub_return(long i, atomic_long_t *v) { return v->counter -= i; }
static inline int atomic_read_acquire(const atomic_t *v) { return v->counter; }
static inline void atomic_set(atomic_t *v, int i) { v->counter = i; }
static inline void atomic_set_release(atomic_t *v, int i) { v->counter = i; }
static inline void atomic_add(int i, atomic_t *v) { v->counter += i; }
static inline void atomic_sub(int i, atomic_t *v) { v->counter -= i; }
static inline void atomic_inc(atomic_t *v) { v->counter++; }
static inline void atomic_dec(atomic_t *v) { v->counter--; }
static inline int atomic_add_return(int i, atomic_t *v) { return v->counter += i; }
static inline int atomic_add_return_relaxed(int i, atomic_t *v) { return v->counter += i; }
static inline int atomic_sub_return(int i, atomic_t *v) { return v->counter -= i; }
static inline int atomic_sub_return_relaxed(int i, atomic_t *v) { return v->counter -= i; }
static inline int atomic_inc_return(atomic_t *v) { return ++v->counter; }
static inline int atomic_inc_return_relaxed(atomic_t *v) { return ++v->counter; }
static inline int atomic_dec_return(atomic_t *v) { return --v->counter; }
static inline int atomic_dec_return_relaxed(atomic_t *v) { return --v->counter; }
static inline int atomic_fetch_add(int i, atomic_t *v)
{
	v->counter += i;
	return v->counter - i;
}
static inline int atomic_fetch_sub(int i, atomic_t *v)
{
	v->counter -= i;
	return v->counter + i;
}
static inline bool atomic_inc_and_test(atomic_t *v) { return ++v->counter == 0; }
static inline bool atomic_dec_and_test(atomic_t *v) { return --v->counter == 0; }
static inline bool atomic_sub_and_test(int i, atomic_t *v) { return (v->counter -= i) == 0; }
static inline bool atomic_add_negative(int i, atomic_t *v) { return (v->counter += i) < 0; }
static inline int atomic_cmpxchg(atomic_t *v, int from, int to)
{
	const int was = v->counter;

	if (was == from)
		v->counter = to;
	return was;
}
static inline bool atomic_add_unless(atomic_t *v, int i, int unless)
{
	if (v->counter == unless)
		return false;
	v->counter += i;
	return true;
}
