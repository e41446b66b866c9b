#define __always_inline inline
#define __must_check
#define __maybe_unused
#define __bitwise
#define __force
#define __user
#define __rcu
#define __private
#define __packed __attribute__((packed))
#define __aligned(bytes) __attribute__((aligned(bytes)))
#define __init
#define __read_mostly
#define __ro_after_init
#define __randomize_layout
#define __counted_by(field)
#define noinline
#define fallthrough __attribute__((__fallthrough__))
#define ____cacheline_aligned_in_smp
#define ____cacheline_internodealigned_in_smp
#define likely(condition) (!!(condition))
#define unlikely(condition) (!!(condition))
#define __same_type(one, other) __builtin_types_compatible_p(__typeof__(one), __typeof__(other))
#define static_assert(condition, ...) _Static_assert(condition, "")
#define offsetof(type, member) __builtin_offsetof(type, member)
#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define data_race(expression) (expression)
#define ACCESS_PRIVATE(pointer, member) ((pointer)->member)
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
