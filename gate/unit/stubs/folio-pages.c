#define nth_page(page, n) ((page) + (n))
