/**
 * Reference counts of folios without a pincount: a pin adds a bias, and the model's is smaller than the kernel's.
 *
 * @source include/linux/mm.h, GUP_PIN_COUNTING_BIAS
 */
import { GUP_PIN_COUNTING_BIAS } from "../../model/state/structs.ts";
import type { FolioRoom } from "./instance.ts";

/** GUP_PIN_COUNTING_BIAS of the kernel. */
const KERNEL_PIN_BIAS = 1024;

/** Converts a reference count of the model to the kernel's pin bias. */
export function refcountInKernel(room: Pick<FolioRoom, "pincount">, nrPages: number, refcount: number): number {
  if (nrPages >= room.pincount) {
    return refcount;
  }
  const pins = Math.floor(refcount / GUP_PIN_COUNTING_BIAS);
  return refcount + pins * (KERNEL_PIN_BIAS - GUP_PIN_COUNTING_BIAS);
}

/** Converts a reference count of the kernel to the model's pin bias. */
export function refcountInModel(room: Pick<FolioRoom, "pincount">, nrPages: number, refcount: number): number {
  if (nrPages >= room.pincount) {
    return refcount;
  }
  const pins = Math.floor(refcount / KERNEL_PIN_BIAS);
  return refcount - pins * (KERNEL_PIN_BIAS - GUP_PIN_COUNTING_BIAS);
}
