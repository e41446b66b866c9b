/* Reads the file for claims, without changing the state. */
#include "world_file.h"
#include <linux/fs.h>
#include "contents.h"

static void count_vmas(struct world_file *out)
{
	unsigned int i;

	for (i = 0; i < IMAGE_MMS; i++) {
		struct vm_area_struct *vma;
		VMA_ITERATOR(iterator, image_mms[i], 0);

		if (!image_mms[i])
			continue;
		for_each_vma(iterator, vma)
		{
			out->vmas += vma->vm_file == image_file;
			out->writable_vmas += vma->vm_file == image_file && (vma->vm_flags & VM_SHARED);
		}
	}
}

static void read_file_page(unsigned int index, struct world_file_page *out)
{
	unsigned int slot;
	struct folio *folio = page_cache_folio(index, &slot);
	/* As the page cache has it, wherever the folio itself says that it is. */
	long frame = folio ? (long)folio_pfn(folio) + ((index - folio->index) & (folio_nr_pages(folio) - 1)) : -1;

	*out = (struct world_file_page){ .frame = frame,
					 .slot = slot,
					 .expected = image_file_expected[index],
					 .actual = folio  ? image_frames[frame][0]
						   : slot ? content_of_slot(slot)
							  : 0,
					 .undirty = image_file_undirty[index] };
}

void read_world_file(struct world_file *out)
{
	struct inode *inode;
	unsigned int i;

	memset(out, 0, sizeof(*out));
	if (!image_file)
		return;
	inode = file_inode(image_file);
	out->pages = file_pages();
	out->cached = image_file->f_mapping->nrpages;
	out->allocated = shmem_pages_of(inode);
	out->swapped = shmem_swapped_of(inode);
	out->blocks = inode->i_blocks >> (PAGE_SHIFT - SECTOR_SHIFT);
	out->references = file_ref_read(&image_file->f_ref) - 1;
	out->writable = atomic_read(&image_file->f_mapping->i_mmap_writable);
	count_vmas(out);
	out->file_pages = global_node_page_state(NR_FILE_PAGES) - global_node_page_state(NR_SWAPCACHE);
	out->shmem = global_node_page_state(NR_SHMEM);
	out->shmem_huge = global_node_page_state_pages(NR_SHMEM_THPS);
	out->shmem_pmd_mapped = global_node_page_state_pages(NR_SHMEM_PMDMAPPED);
	for (i = 0; i < FILE_PAGES; i++)
		read_file_page(i, out->page + i);
}
