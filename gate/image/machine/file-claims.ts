/** Claims about the file: its page cache, its mappings, its contents, and what is counted of it. */
import { always, type Property, sometimes } from "../../../explore/model/model.ts";
import { firstOfFile, PRIVATE_FILE, SHARED_FILE } from "../world/image-bounds.ts";
import type { ImageFolio, ImageView } from "../world/image-view.ts";
import { FILE_PAGES } from "../world/world-layout.ts";

const CACHE = "include/linux/fs.h, struct address_space; mm/filemap.c; mm/shmem.c, shmem_add_to_page_cache()";

const cacheIsConsistent: Property<ImageView> = always({
  id: "FILE.cache",
  claim:
    "The page cache has a folio at all of its pages and nowhere else: where its mapping and index say, and once; its pages " +
    "are not anonymous",
  source: CACHE,
  holds: ({ file: { pages }, folios }) =>
    folios.every(({ folio }) => {
      const { filePage, frameNumber, nrPages, anon, inPageCache } = folio as ImageFolio;
      const isIn = filePage >= 0;
      for (let i = 0; isIn && i < nrPages; i++) {
        if (pages[filePage + i]?.frame !== frameNumber + i) {
          return false;
        }
      }
      return inPageCache === isIn && !(isIn && anon);
    }) &&
    pages.every(
      ({ frame }, index) =>
        frame < 0 ||
        folios.some(({ folio }) => {
          const { filePage, frameNumber, nrPages } = folio as ImageFolio;
          return frame >= frameNumber && frame < frameNumber + nrPages && filePage + frame - frameNumber === index;
        }),
    ),
});

const mappingsAreOfFile: Property<ImageView> = always({
  id: "FILE.mapped",
  claim:
    "An entry of a mapping of the file maps the page that the page cache has there, or, in a private mapping, an anonymous " +
    "copy; no other entry maps a page of the file",
  source: "mm/memory.c, do_fault(), unmap_mapping_range(); mm/truncate.c, truncate_inode_folio()",
  holds: ({ file: { pages }, entries }) =>
    entries.every(({ page, present, migration, frame, anon, truth }) => {
      if (!(present || migration) || truth === undefined) {
        return true;
      }
      const isShared = page >= SHARED_FILE && page < SHARED_FILE + FILE_PAGES;
      const isPrivate = page >= PRIVATE_FILE && page < PRIVATE_FILE + FILE_PAGES;
      if (!(isShared || isPrivate)) {
        return anon;
      }
      const index = page - firstOfFile(isShared ? "shared" : "private");
      return (isPrivate && anon) || (!anon && pages[index]?.frame === frame);
    }),
});

const contentsAreKept: Property<ImageView> = always({
  id: "C9.file",
  claim:
    "The file has what was written to it last through a shared mapping, and zeros where nothing was, or where it was cut off " +
    "since; no private copy shows in it",
  source: "mmap(2), MAP_SHARED; ftruncate(2); fallocate(2), FALLOC_FL_PUNCH_HOLE",
  holds: ({ file: { pages } }) => pages.every(({ expected, actual }) => expected === actual),
});

const writtenIsDirty: Property<ImageView> = always({
  id: "C9.file-dirty",
  claim:
    "A page of the file that was written to is dirty, or an entry that maps it is, but for the exception of huge " +
    "pages: reclaim discards clean pages, which read as zero then",
  source: "mm/memory.c, fault_dirty_shared_page(), zap_present_folio_ptes(); mm/rmap.c, try_to_unmap_one()",
  holds: ({ file: { pages }, folios, entries }) =>
    pages.every(
      ({ frame, expected, undirty }) =>
        frame < 0 ||
        expected === 0 ||
        undirty ||
        folios.some(({ folio }) => {
          const { dirty, frameNumber, nrPages } = folio as ImageFolio;
          return dirty && frame >= frameNumber && frame < frameNumber + nrPages;
        }) ||
        entries.some((entry) => entry.dirty && entry.frame === frame),
    ),
});

/** Exception to C9.file. */
export const zapForgetsDirtyPmd: Property<ImageView> = sometimes({
  id: "C9.file-dirty-pmd",
  claim:
    "Exception: a huge page of shmem is clean although it was written to, through a PMD that was mapped by a read and has " +
    "been zapped: reclaim discards what was written",
  source: "mm/huge_memory.c, zap_huge_pmd(); mm/memory.c, do_set_pmd()",
  reached: ({ file: { pages } }) => pages.some(({ undirty }) => undirty),
});

const pagesAreCounted: Property<ImageView> = always({
  id: "STATS.file",
  claim:
    "nrpages of the mapping, alloced and swapped of the inode, i_blocks, NR_FILE_PAGES, NR_SHMEM, NR_SHMEM_THPS and " +
    "NR_SHMEM_PMDMAPPED count the pages of the file; i_mmap_writable its shared mappings; each VMA has a reference to it",
  source: "mm/filemap.c; mm/shmem.c, shmem_recalc_inode(); mm/vma.c",
  holds: ({ file: { counts } }) => Object.values(counts).every(({ counted, pages }) => counted === pages),
});

const filePagesAreCounted: Property<ImageView> = always({
  id: "RSS.file",
  claim:
    "MM_SHMEMPAGES of an MM is the number of pages of the file that its page tables map, or have a migration entry for; " +
    "MM_FILEPAGES is 0, as it is a file of shmem",
  source: "include/linux/mm.h, mm_counter_file(); mm/memory.c",
  holds: ({ mms }) =>
    mms.every(({ live, filePages, shmemPages, mappedFile }) => !live || (filePages === 0 && shmemPages === mappedFile)),
});

/** The claims. */
export const FILE_CLAIMS: readonly Property<ImageView>[] = [
  cacheIsConsistent,
  mappingsAreOfFile,
  contentsAreKept,
  writtenIsDirty,
  zapForgetsDirtyPmd,
  pagesAreCounted,
  filePagesAreCounted,
];
