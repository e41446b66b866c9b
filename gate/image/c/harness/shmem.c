/* Includes the tree's shmem.c, and creates a file of it: memory that is shared, as that of memfd_create(2). */
#include "harness.h"
#include "zero_range.h"
#include <mm/shmem.c>
#include "files.h"

/* The superblock is not one that the kernel mounts for itself, so that numbers of inodes are not taken from a batch of a CPU. */
static struct file_system_type type;
static struct shmem_sb_info superblock_info;
static struct super_block superblock = { .s_fs_info = &superblock_info,
					 .s_op = &shmem_ops,
					 .s_type = &type,
					 .s_blocksize = PAGE_SIZE,
					 .s_blocksize_bits = PAGE_SHIFT,
					 .s_time_gran = 1,
					 .s_maxbytes = MAX_LFS_FILESIZE };
static struct vfsmount mount = { .mnt_sb = &superblock };
static struct dentry dentry = { .d_parent = &dentry };
static struct file file = { .f_op = &shmem_file_operations,
			    .f_mode = FMODE_READ | FMODE_WRITE | FMODE_CAN_READ | FMODE_CAN_WRITE,
			    .f_path = { .mnt = &mount, .dentry = &dentry } };

#ifdef IMAGE_SHMEM_INODE_HAS_VMA_FLAGS
#define INODE_FLAGS mk_vma_flags(VMA_NORESERVE_BIT)
#else
#define INODE_FLAGS VM_NORESERVE
#endif

struct file *create_file(loff_t size)
{
	struct inode *inode;

	shmem_init_inodecache();
	superblock.s_iflags = SB_I_NOEXEC;
	INIT_LIST_HEAD(&superblock.s_inodes);
	spin_lock_init(&superblock.s_inode_list_lock);
	raw_spin_lock_init(&superblock_info.stat_lock);
	spin_lock_init(&superblock_info.shrinklist_lock);
	INIT_LIST_HEAD(&superblock_info.shrinklist);
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	/* Large folios of the size that an operation chooses: see choose_shmem_order(). */
	superblock_info.huge = SHMEM_HUGE_ADVISE;
	huge_shmem_orders_inherit = 0;
#endif
	inode = shmem_get_inode(&nop_mnt_idmap, &superblock, NULL, S_IFREG | S_IRWXUGO, 0, INODE_FLAGS);
	if (IS_ERR(inode))
		image_fault("no-file-at-boot");
	/* Times are no part of a state. */
	inode->i_flags |= S_NOATIME | S_NOCMTIME | S_NOSEC;
	inode->i_size = size;
	/* It has no name: the size of its folios is that of anonymous shared memory. */
	clear_nlink(inode);
	dentry.d_inode = inode;
	file.f_inode = inode;
	file.f_mapping = inode->i_mapping;
	return &file;
}

void choose_shmem_order(unsigned int order)
{
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	huge_shmem_orders_always = order ? BIT(order) : 0;
#endif
}

unsigned long shmem_pages_of(struct inode *inode) { return SHMEM_I(inode)->alloced; }

unsigned long shmem_swapped_of(struct inode *inode) { return SHMEM_I(inode)->swapped; }

unsigned long tree_shmem_shrink(void)
{
	struct shrink_control control = { .gfp_mask = GFP_KERNEL, .nr_to_scan = 16 };

	return shmem_ops.nr_cached_objects && shmem_ops.nr_cached_objects(&superblock, &control)
		       ? shmem_ops.free_cached_objects(&superblock, &control)
		       : 0;
}
