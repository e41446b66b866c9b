/**
 * Memory barriers, which order accesses of different CPUs. Sequential execution needs none.
 *
 * @source include/asm-generic/barrier.h; tools/memory-model/Documentation/explanation.txt
 */
import type { Kernel } from "./kernel.ts";

/** Orders all accesses before it before all accesses after it. @source include/asm-generic/barrier.h, smp_mb() */
export function smpMb(this: Kernel): void {}

/**
 * Makes the atomic read-modify-write before it a full barrier.
 *
 * @source include/asm-generic/barrier.h, smp_mb__after_atomic()
 */
export function smpMbAfterAtomic(this: Kernel): void {}

/** Orders the loads before it before the loads after it. @source include/asm-generic/barrier.h, smp_rmb() */
export function smpRmb(this: Kernel): void {}
