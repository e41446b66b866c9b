/*
 * The swap device, and what swapon(2) reads of files. Data is transferred when a request is submitted. Reads end at
 * once; writes end in a later operation, unless the device is synchronous.
 */
#include "swap_device.h"
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/dcache.h>

unsigned char image_swap[SWAP_SLOTS];

#define SECTORS_PER_PAGE (PAGE_SIZE >> SECTOR_SHIFT)
/* Requests that have not ended. */
#define REQUESTS 8

static struct request {
	struct bio bio;
	struct bio_vec vector;
	bool is_used;
} requests[REQUESTS];
/* Writes in the order of their submission, followed by NULL. */
static struct bio *writes[REQUESTS + 1];

static void forget_slot(struct block_device *device, unsigned long slot) { image_swap[slot] = 0; }

static const struct block_device_operations operations = { .swap_slot_free_notify = forget_slot };
static struct request_queue queue;
static struct gendisk disk = { .fops = &operations, .queue = &queue };
static struct block_device device = { .bd_disk = &disk, .bd_queue = &queue };

/* Never called: the header of the device is provided by swapfile.c. */
static int read_no_folio(struct file *file, struct folio *folio) { return -EIO; }

static const struct address_space_operations mapping_operations = { .read_folio = read_no_folio };
static struct inode inode = { .i_mode = S_IFBLK };
static struct address_space mapping = { .host = &inode, .a_ops = &mapping_operations };
static struct dentry dentry = { .d_parent = &dentry };
static struct file file = { .f_mapping = &mapping, .f_inode = &inode, .f_path.dentry = &dentry };

void boot_swap_device(bool synchronous)
{
	queue.limits.features = synchronous ? BLK_FEAT_SYNCHRONOUS : 0;
	init_rwsem(&inode.i_rwsem);
}

bool is_swap_synchronous(void) { return queue.limits.features & BLK_FEAT_SYNCHRONOUS; }

struct filename *getname_flags(const char __user *name, int flags) { return (struct filename *)&dentry; }
void putname(struct filename *name) {}
struct file *file_open_name(struct filename *name, int flags, umode_t mode) { return &file; }
struct block_device *I_BDEV(struct inode *inode) { return &device; }

void bio_init(struct bio *bio, struct block_device *device, struct bio_vec *vectors, unsigned short most,
	      blk_opf_t operation)
{
	memset(bio, 0, sizeof(*bio));
	bio->bi_bdev = device;
	bio->bi_opf = operation;
	bio->bi_io_vec = vectors;
	bio->bi_max_vecs = most;
}

struct bio *bio_alloc_bioset(struct block_device *device, unsigned short most, blk_opf_t operation, gfp_t gfp,
			     struct bio_set *set)
{
	unsigned int i;

	for (i = 0; i < REQUESTS && requests[i].is_used; i++)
		;
	if (i == REQUESTS)
		image_full("no request of the swap device is free");
	requests[i].is_used = true;
	bio_init(&requests[i].bio, device, &requests[i].vector, most, operation);
	return &requests[i].bio;
}

void bio_put(struct bio *bio)
{
	struct request *request = container_of(bio, struct request, bio);

	memset(request, 0, sizeof(*request));
}

void bio_add_folio_nofail(struct bio *bio, struct folio *folio, size_t length, size_t offset)
{
	bvec_set_folio(bio->bi_io_vec, folio, length, offset);
	bio->bi_vcnt = 1;
}

static unsigned int first_slot(struct bio *bio) { return bio->bi_iter.bi_sector / SECTORS_PER_PAGE; }

static unsigned int slots_of(struct bio *bio) { return bio->bi_io_vec->bv_len >> PAGE_SHIFT; }

static void transfer(struct bio *bio)
{
	unsigned char *frame = page_address(bio->bi_io_vec->bv_page);
	unsigned int slot = first_slot(bio), end = slot + slots_of(bio);

	if (!slot || end > SWAP_SLOTS)
		image_fault("transfer-beyond-swap-device");
	for (; slot < end; slot++, frame += FRAME_BYTES) {
		if (op_is_write(bio_op(bio))) {
			image_swap[slot] = *frame;
		} else {
			memset(frame, 0, FRAME_BYTES);
			*frame = image_swap[slot];
		}
	}
}

int submit_bio_wait(struct bio *bio)
{
	transfer(bio);
	return 0;
}

unsigned int pending_writes(void)
{
	unsigned int number;

	for (number = 0; writes[number]; number++)
		;
	return number;
}

void submit_bio(struct bio *bio)
{
	transfer(bio);
	if (op_is_write(bio_op(bio)))
		writes[pending_writes()] = bio;
	else
		bio->bi_end_io(bio);
}

void end_write(bool failed)
{
	struct bio *bio = writes[0];

	memmove(writes, writes + 1, sizeof(writes) - sizeof(writes[0]));
	writes[REQUESTS] = NULL;
	if (failed) {
		bio->bi_status = BLK_STS_IOERR;
		memset(image_swap + first_slot(bio), 0, slots_of(bio));
	}
	bio->bi_end_io(bio);
}
