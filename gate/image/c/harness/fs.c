/* Stubs for fs/: inodes have no owner but root, no times, and are never written back. The file is not opened or closed. */
#include "files.h"
#include <linux/fs.h>
#include <linux/iversion.h>
#include <linux/backing-dev.h>
#include <linux/highuid.h>
#include <linux/pipe_fs_i.h>
#include <linux/xattr.h>
#include <linux/mnt_idmapping.h>

/* Files of other kinds, and owners that have no number, do not exist. */
const struct pipe_buf_operations page_cache_pipe_buf_ops;
const struct file_operations def_chr_fops, pipefifo_fops;
int overflowuid, overflowgid;

void fput(struct file *file)
{
	if (file == image_file && atomic_long_dec_return(&file->f_ref.refcnt) < 0)
		image_fault("file-released-too-often");
}

struct file *get_file_rcu(struct file __rcu **file) { return NULL; }

bool path_noexec(const struct path *path) { return false; }

/* Attributes. The owner of the file changes its size only. */
int setattr_prepare(struct mnt_idmap *idmap, struct dentry *dentry, struct iattr *attributes) { return 0; }
void setattr_copy(struct mnt_idmap *idmap, struct inode *inode, const struct iattr *attributes) {}
int inode_newsize_ok(const struct inode *inode, loff_t size) { return 0; }
bool inode_maybe_inc_iversion(struct inode *inode, bool force) { return false; }
void __mark_inode_dirty(struct inode *inode, int flags) {}

/* Blocks of a page. */
void inode_add_bytes(struct inode *inode, loff_t bytes) { inode->i_blocks += bytes >> SECTOR_SHIFT; }
void inode_sub_bytes(struct inode *inode, loff_t bytes) { inode->i_blocks -= bytes >> SECTOR_SHIFT; }
void __inode_add_bytes(struct inode *inode, loff_t bytes) { inode_add_bytes(inode, bytes); }
void __inode_sub_bytes(struct inode *inode, loff_t bytes) { inode_sub_bytes(inode, bytes); }

void set_normalized_timespec64(struct timespec64 *time, time64_t seconds, s64 nanoseconds)
{
	*time = (struct timespec64){};
}
struct timespec64 simple_inode_init_ts(struct inode *inode) { return (struct timespec64){}; }

/* There are no extended attributes. */
void simple_xattrs_init(struct simple_xattrs *attributes) {}

/* Random numbers are no part of a state. */
u8 get_random_u8(void) { return 0; }
u16 get_random_u16(void) { return 0; }
u32 get_random_u32(void) { return 0; }

/* User namespaces and mounts map no ids. */
vfsuid_t make_vfsuid(struct mnt_idmap *idmap, struct user_namespace *namespace, kuid_t id) { return VFSUIDT_INIT(id); }
vfsgid_t make_vfsgid(struct mnt_idmap *idmap, struct user_namespace *namespace, kgid_t id) { return VFSGIDT_INIT(id); }
kuid_t from_vfsuid(struct mnt_idmap *idmap, struct user_namespace *namespace, vfsuid_t id) { return AS_KUIDT(id); }
kgid_t from_vfsgid(struct mnt_idmap *idmap, struct user_namespace *namespace, vfsgid_t id) { return AS_KGIDT(id); }

/* Time stands still. */
void ktime_get_coarse_real_ts64(struct timespec64 *time) { *time = (struct timespec64){}; }
void ktime_get_coarse_real_ts64_mg(struct timespec64 *time) { ktime_get_coarse_real_ts64(time); }
