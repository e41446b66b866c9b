#define mlock_vma_folio(folio, vma) ((void)(folio), (void)(vma))
#define munlock_vma_folio(folio, vma) ((void)(folio), (void)(vma))
