/** Name of the kernel of a kernel tree, whose C code is not part of traces and reports. */
export const TREE = "tree";
