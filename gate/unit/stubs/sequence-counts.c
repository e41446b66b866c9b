typedef struct {
	unsigned int sequence;
} seqcount_t;
#define raw_read_seqcount(count) ((void)(count), 1)
