static inline bool test_bit(long nr, const volatile unsigned long *word)
{
	return (word[BIT_WORD(nr)] >> (nr % BITS_PER_LONG)) & 1;
}
static inline void __set_bit(long nr, volatile unsigned long *word) { word[BIT_WORD(nr)] |= BIT_MASK(nr); }
static inline void __clear_bit(long nr, volatile unsigned long *word) { word[BIT_WORD(nr)] &= ~BIT_MASK(nr); }
static inline void set_bit(long nr, volatile unsigned long *word) { __set_bit(nr, word); }
static inline void clear_bit(long nr, volatile unsigned long *word) { __clear_bit(nr, word); }
static inline bool test_and_set_bit(long nr, volatile unsigned long *word)
{
	const bool was = test_bit(nr, word);

	__set_bit(nr, word);
	return was;
}
static inline bool test_and_clear_bit(long nr, volatile unsigned long *word)
{
	const bool was = test_bit(nr, word);

	__clear_bit(nr, word);
	return was;
}
#define test_and_set_bit_lock(nr, word) test_and_set_bit(nr, word)
#define clear_bit_unlock(nr, word) clear_bit(nr, word)
#define __test_and_set_bit(nr, word) test_and_set_bit(nr, word)
#define __test_and_clear_bit(nr, word) test_and_clear_bit(nr, word)
