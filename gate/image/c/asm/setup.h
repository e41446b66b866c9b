#include <uapi/asm-generic/setup.h>
