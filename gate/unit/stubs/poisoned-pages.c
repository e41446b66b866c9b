#define PagePoisoned(page) ((void)(page), 0)
