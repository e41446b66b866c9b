/** The order of locks: a small C file in the form of kernel code, compiled with the harness's lock_order.c. */
import { readFileSync } from "node:fs";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ImageReport, LockClass } from "../../../gate/image/module/image-report.ts";
import { LockOrders } from "../../../gate/image/module/lock-orders.ts";
import { type WasmMemory, type WasmModule, wasm } from "../../../gate/module/web-assembly.ts";
import { imageReportText } from "../../../report/text/image-warning.ts";
import { compiledText } from "./compiled-text.ts";

const HARNESS = new URL("../../../gate/image/c/harness/", import.meta.url);

/** Returns a file of the harness without its includes. */
const withoutIncludes = (file: string): string =>
  readFileSync(new URL(file, HARNESS), "utf8").replace(/^#include .*$/gm, "");

/** The declarations of the kernel and of the harness that lock_order.c uses. */
const DECLARATIONS = `
#define bool _Bool
#define NULL ((void *)0)
#define offsetof __builtin_offsetof
#define memset __builtin_memset
#define ARRAY_SIZE(array) (sizeof(array) / sizeof(array[0]))
#define IMAGE_CPUS 2
#define IMAGE_FRAMES 4
#define IMPORT(name) __attribute__((import_module("image"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
typedef struct { unsigned int owner; } spinlock_t;
struct rw_semaphore { int count; };
struct mm_struct { long users; struct rw_semaphore mmap_lock; spinlock_t page_table_lock; };
struct anon_vma { struct rw_semaphore rwsem; };
struct page { long flags; spinlock_t lock; };
struct ptdesc { long flags; spinlock_t ptl; };
struct pglist_data { struct { spinlock_t lru_lock; } __lruvec; };
static struct pglist_data node;
#define NODE_DATA(number) (&node)
static struct page image_pages[IMAGE_FRAMES];
static int image_cpu;
__attribute__((noreturn)) static void image_full(const char *reason) { __builtin_trap(); }
static int strcmp(const char *one, const char *other)
{
	while (*one && *one == *other)
		one++, other++;
	return *one - *other;
}
`;

/** Locks of two processes, of two page tables, and a static one. */
const KERNEL_CODE = `
static struct mm_struct parent, child;
static spinlock_t list_lock;
static struct mm_struct kmalloc_memory;
struct image_cache image_caches[IMAGE_CACHES];
unsigned int image_nr_caches;
EXPORT("boot") void boot(void)
{
	static struct mm_struct *objects[] = { &parent, &child, &kmalloc_memory };

	for (int i = 0; i < 3; i++)
		image_caches[image_nr_caches++] = (struct image_cache){ .start = (void *)objects[i],
									.size = sizeof(parent),
									.slots = 1,
									.name = i < 2 ? "mm_struct" : "kmalloc" };
}
EXPORT("fault") void fault(void)
{
	record_acquired(&parent.mmap_lock, 0, ACQUIRED);
	record_acquired(&image_pages[0].lock, 0, ACQUIRED);
	record_released(&parent.mmap_lock);
	record_released(&image_pages[0].lock);
}
EXPORT("walk") void walk(int how)
{
	record_acquired(&image_pages[1].lock, 0, ACQUIRED);
	record_acquired(&child.mmap_lock, 0, how);
	record_released(&child.mmap_lock);
	record_released(&image_pages[1].lock);
}
EXPORT("copy") void copy(unsigned int subclass)
{
	record_acquired(&image_pages[0].lock, 0, ACQUIRED);
	record_acquired(&image_pages[1].lock, subclass, ACQUIRED);
	record_acquired(&list_lock, 0, ACQUIRED);
	record_released(&list_lock);
	record_released(&image_pages[0].lock);
	record_released(&image_pages[1].lock);
}
EXPORT("mixed") void mixed(void)
{
	record_acquired(&kmalloc_memory.mmap_lock, 0, ACQUIRED);
	record_acquired(&parent.mmap_lock, 0, ACQUIRED);
	record_released(&kmalloc_memory.mmap_lock);
	record_acquired(&kmalloc_memory.page_table_lock, 0, ACQUIRED);
	record_acquired(&kmalloc_memory.mmap_lock, 0, ACQUIRED);
	record_released(&kmalloc_memory.mmap_lock);
	record_released(&kmalloc_memory.page_table_lock);
	record_released(&parent.mmap_lock);
}
EXPORT("take") void take(void) { record_acquired(&list_lock, 0, ACQUIRED); }
EXPORT("release") void release(void) { record_released(&list_lock); }
EXPORT("on_cpu") void on_cpu(int cpu) { image_cpu = cpu; }
EXPORT("is_holding") int is_holding(void) { return is_holding_locks(); }
`;

const MMAP_LOCK: LockClass = { kind: "mm_struct", name: "mmap_lock", offset: 4, subclass: 0 };
const PTL: LockClass = { kind: "page", name: "ptl", offset: 4, subclass: 0 };

const TRIED = 1;

describe("the order of locks", () => {
  let module: WasmModule;
  let run: Record<string, (parameter?: number) => number>;
  let reports: ImageReport[];
  let orders: LockOrders;

  beforeAll(async () => {
    const text = [DECLARATIONS, withoutIncludes("regions.h"), withoutIncludes("lock_order.h")];
    module = await wasm.compile(
      await compiledText([...text, withoutIncludes("lock_order.c"), KERNEL_CODE].join("\n"), "-O1", false),
    );
  });

  beforeEach(() => {
    orders = new LockOrders();
    start();
  });

  /** Starts another instance, with the orders of those before. */
  function start(): void {
    reports = [];
    let at = "";
    const classAt = (pointer: number): LockClass => {
      const memory = instance.exports["memory"] as WasmMemory;
      const [kind = 0, name = 0, offset = 0, subclass = 0] = new Uint32Array(memory.buffer, pointer, 4);
      const text = (address: number): string => {
        const bytes = Buffer.from(memory.buffer, address);
        return bytes.subarray(0, bytes.indexOf(0)).toString();
      };
      return {
        ...(kind === 0 ? {} : { kind: text(kind) }),
        ...(name === 0 ? {} : { name: text(name) }),
        offset,
        subclass,
      };
    };
    const instance = new wasm.Instance(module, {
      image: {
        lock_order: (held = 0, taken = 0): number => {
          const report = orders.add(classAt(held), classAt(taken), () => at);
          reports.push(...(report === undefined ? [] : [report]));
          return report === undefined ? 1 : 0;
        },
      },
    });
    const exported = instance.exports as typeof run;
    run = Object.fromEntries(
      Object.entries(exported).map(([name, call]) => [
        name,
        (parameter) => {
          at = name;
          return call(parameter);
        },
      ]),
    );
    exported["boot"]?.();
  }

  test("two classes that are taken in one order are not reported", () => {
    run["fault"]?.();
    run["copy"]?.(1);
    expect(reports).toEqual([]);
  });

  test("two classes that are taken in both orders are reported with both functions, for other objects, too", () => {
    run["fault"]?.();
    run["walk"]?.();
    expect(reports).toEqual([{ kind: "lock-order", held: PTL, taken: MMAP_LOCK, function: "walk", opposite: "fault" }]);
    expect(reports.map(imageReportText)).toEqual([
      "lock order: walk() takes mmap_lock of mm_struct with ptl of page held, and fault() the other way round",
    ]);
  });

  test("the later one of two opposite orders is reported each time, and by other instances; the first one never", () => {
    run["fault"]?.();
    run["walk"]?.();
    run["walk"]?.();
    run["fault"]?.();
    expect(reports).toHaveLength(2);
    start();
    run["fault"]?.();
    expect(reports).toEqual([]);
    run["walk"]?.();
    expect(reports).toHaveLength(1);
  });

  test("a lock that is only tried is held, and its order does not count", () => {
    run["fault"]?.();
    run["walk"]?.(TRIED);
    expect(reports).toEqual([]);
  });

  test("two locks of one class are reported, unless one has another subclass", () => {
    run["copy"]?.(1);
    expect(reports).toEqual([]);
    run["copy"]?.(0);
    expect(reports.map(imageReportText)).toEqual(["copy() takes two locks of one class: ptl of page"]);
  });

  test("locks in memory of kmalloc(), of which the kind is unknown, have no order", () => {
    run["mixed"]?.();
    expect(reports).toEqual([]);
    expect(run["is_holding"]?.()).toBe(0);
  });

  test("locks are released in any order, after which the CPU holds none", () => {
    run["copy"]?.(1);
    run["fault"]?.();
    expect(run["is_holding"]?.()).toBe(0);
  });

  test("each CPU holds its own locks: what another one holds is no order", () => {
    run["take"]?.();
    run["on_cpu"]?.(1);
    expect(run["is_holding"]?.()).toBe(0);
    run["copy"]?.(1);
    run["on_cpu"]?.(0);
    expect(run["is_holding"]?.()).toBe(1);
    run["release"]?.();
    expect(run["is_holding"]?.()).toBe(0);
    expect(reports).toEqual([]);
  });
});
