#ifndef _IMAGE_ASM_CURRENT_H
#define _IMAGE_ASM_CURRENT_H

struct task_struct;
extern int image_cpu;
extern struct task_struct *image_current[];
#define get_current() (image_current[image_cpu])
#define current get_current()

#endif
