/**
 * Stubs of the kernel's marked accesses for threads. Each passes its number to an import, which performs the access.
 * They are macros, so that the call of the import has the line of the access in the kernel's code.
 */
import type { NodeStats } from "../../model/state/structs.ts";
import type { AccessKind, Order } from "../../races/access.ts";
import { cSource, defines } from "../harness/c-source.ts";

/** Effect of a stub on the memory at its address; for a bit operation, on one bit. */
export type Effect =
  | "read"
  | "write"
  | "add"
  /** Adds the first operand unless the value equals the second. */
  | "addUnless"
  | "exchange"
  /** Writes the second operand if the value equals the first. */
  | "compareExchange";

/** The result that the caller gets. */
export type Delivery = "nothing" | "old" | "new" | "isNegative" | "isZero" | "succeeds";

/** The access performed by a stub. */
export interface Stub {
  /** The kernel's name of the operation. */
  readonly name: string;
  readonly effect: Effect;
  readonly kind: AccessKind;
  readonly order: Order;
  readonly delivery: Delivery;
}

/** The operands of a macro: text of its parameters, and of the arguments of the import. */
interface Form {
  readonly parameters: string;
  readonly first: string;
  readonly second?: string;
}

const stubs: Stub[] = [];
const macros: string[] = [];

/** Adds a stub, and returns its number. */
function numbered(name: string, effect: Effect, order: Order, delivery: Delivery): number {
  const kind = effect === "read" ? "load" : effect === "write" ? "store" : "rmw";
  return stubs.push({ name, effect, kind, order, delivery }) - 1;
}

/** Gives the call of an import the result type of the kernel's function. */
const resultOf = (call: string, delivery: Delivery): string => (delivery === "nothing" ? `((void)${call})` : call);

const ORDERS: readonly (readonly [suffix: string, order: Order])[] = [
  ["", "full"],
  ["_relaxed", "relaxed"],
  ["_acquire", "acquire"],
  ["_release", "release"],
];

/** Defines a function of atomic_t. */
function atomic(name: string, effect: Effect, order: Order, delivery: Delivery, form: Form): void {
  const number = numbered(name, effect, order, delivery);
  const call = `port_atomic(${number}, GATE_ADDRESS(&(v)->counter), ${form.first}, ${form.second ?? 0}, 0)`;
  macros.push(`#undef ${name}\n#define ${name}(${form.parameters}) ${resultOf(call, delivery)}`);
}

/**
 * Defines a function of atomic_t and of atomic_long_t. Only the low word of a long is accessed: no count needs more.
 */
function atomicOfBoth(name: string, effect: Effect, order: Order, delivery: Delivery, form: Form): void {
  for (const prefix of ["atomic", "atomic_long"]) {
    atomic(`${prefix}_${name}`, effect, order, delivery, form);
  }
}

const ADD = { parameters: "i, v", first: "(i)" };
const SUB = { parameters: "i, v", first: "-(i)" };
const INC = { parameters: "v", first: "1" };
const DEC = { parameters: "v", first: "-1" };

atomicOfBoth("read", "read", "relaxed", "old", { parameters: "v", first: "0" });
atomic("atomic_read_acquire", "read", "acquire", "old", { parameters: "v", first: "0" });
atomicOfBoth("set", "write", "relaxed", "nothing", { parameters: "v, i", first: "(i)" });
atomic("atomic_set_release", "write", "release", "nothing", { parameters: "v, i", first: "(i)" });
for (const [name, form] of Object.entries({ add: ADD, sub: SUB, inc: INC, dec: DEC })) {
  atomicOfBoth(name, "add", "relaxed", "nothing", form);
  for (const [suffix, order] of ORDERS) {
    atomicOfBoth(`${name}_return${suffix}`, "add", order, "new", form);
    atomic(`atomic_fetch_${name}${suffix}`, "add", order, "old", form);
  }
}
atomic("atomic_inc_and_test", "add", "full", "isZero", INC);
atomic("atomic_dec_and_test", "add", "full", "isZero", DEC);
atomic("atomic_sub_and_test", "add", "full", "isZero", SUB);
for (const [suffix, order] of ORDERS) {
  atomic(`atomic_add_negative${suffix}`, "add", order, "isNegative", ADD);
  atomic(`atomic_xchg${suffix}`, "exchange", order, "old", { parameters: "v, i", first: "(i)" });
  atomic(`atomic_cmpxchg${suffix}`, "compareExchange", order, "old", {
    parameters: "v, from, to",
    first: "(from)",
    second: "(to)",
  });
}
atomic("atomic_add_unless", "addUnless", "full", "succeeds", {
  parameters: "v, i, unless",
  first: "(i)",
  second: "(unless)",
});
atomic("atomic_inc_not_zero", "addUnless", "full", "succeeds", { parameters: "v", first: "1", second: "0" });

/** Defines a bit operation. */
function bit(name: string, effect: Effect, value: number, order: Order, delivery: Delivery): void {
  const number = numbered(name, effect, order, delivery);
  const call = `port_bit(${number}, (int)(nr), GATE_ADDRESS(word), ${value}, 0)`;
  macros.push(`#undef ${name}\n#define ${name}(nr, word) ${resultOf(call, delivery)}`);
}

bit("test_bit", "read", 0, "relaxed", "old");
bit("test_bit_acquire", "read", 0, "acquire", "old");
bit("set_bit", "exchange", 1, "relaxed", "nothing");
bit("clear_bit", "exchange", 0, "relaxed", "nothing");
bit("test_and_set_bit", "exchange", 1, "full", "old");
bit("test_and_clear_bit", "exchange", 0, "full", "old");
bit("test_and_set_bit_lock", "exchange", 1, "acquire", "old");
bit("clear_bit_unlock", "exchange", 0, "release", "nothing");

/** Defines READ_ONCE() and similar macros for any type: the value is passed through private memory. */
function once(name: string, order: Order, place: string): void {
  const number = numbered(name, "read", order, "old");
  macros.push(
    `#undef ${name}\n#define ${name}(place) ({ union { __typeof__(${place}) value; char bytes[sizeof(${place})]; } gate_once = { .bytes = { 0 } }; ` +
      `port_once_access(${number}, GATE_ADDRESS(&(${place})), GATE_ADDRESS(&gate_once), (int)sizeof(${place}), 0); gate_once.value; })`,
  );
}

/** Defines WRITE_ONCE() and similar macros. */
function writeOnce(name: string, order: Order, place: string): void {
  const number = numbered(name, "write", order, "nothing");
  macros.push(
    `#undef ${name}\n#define ${name}(place, new_value) ({ __typeof__(${place}) gate_new = (new_value); ` +
      `port_once_access(${number}, GATE_ADDRESS(&(${place})), GATE_ADDRESS(&gate_new), (int)sizeof(${place}), 0); })`,
  );
}

once("READ_ONCE", "relaxed", "place");
once("smp_load_acquire", "acquire", "*(place)");
writeOnce("WRITE_ONCE", "relaxed", "place");
writeOnce("smp_store_release", "release", "*(place)");

/** The stubs by number. */
export const STUBS: readonly Stub[] = stubs;

/**
 * Fences by number. The kernel's smp_rmb() orders loads only and its smp_wmb() stores only: acquire and release order
 * more.
 */
export const FENCES: readonly { readonly name: string; readonly order: Order }[] = [
  { name: "smp_mb", order: "full" },
  { name: "smp_rmb", order: "acquire" },
  { name: "smp_wmb", order: "release" },
  { name: "smp_mb__before_atomic", order: "full" },
  { name: "smp_mb__after_atomic", order: "full" },
];

/** Effect of a list stub on an entry. */
export const ListStub = { isEmpty: 0, addTail: 1, delete: 2 } as const;

/** Effect of a lock stub. */
export const LockStub = { lock: 0, unlock: 1, isLocked: 2 } as const;

/** Parameters of the imports, by name. Argument `place` is inserted for each call when the module is rewritten. */
const IMPORTS: Readonly<Record<string, string>> = {
  port_atomic: "int stub, int address, int first, int second, int place",
  port_bit: "int stub, int nr, int address, int value, int place",
  port_once_access: "int stub, int address, int own, int bytes, int place",
  port_fence: "int fence, int place",
  port_bit_lock: "int what, int nr, int address, int place",
  port_spin_lock: "int what, int address, int place",
  port_list: "int what, int entry, int place",
  port_statistic: "int item, int change, int place",
  port_load: "int address, int bytes, int mask, int place",
  port_store: "int address, int bytes, int low, int high, int place",
};
const UNPLACED: Readonly<Record<string, string>> = {
  port_warn: "int site",
  port_left: "int low, int high",
  port_data_race: "int begins",
  port_free_swap: "void",
};

/** Names of all imports. */
export const IMPORTED_FUNCTIONS: readonly string[] = [...Object.keys(IMPORTS), ...Object.keys(UNPLACED)];

/** Names of the imports after which a run may be stopped. */
export const STOPPING_IMPORTS: readonly string[] = [...Object.keys(IMPORTS), "port_free_swap"];

/** Names of the imports whose last argument is the place of the call. */
export const PLACED_IMPORTS: readonly string[] = Object.keys(IMPORTS);

const RETURNS = ["port_atomic", "port_bit", "port_bit_lock", "port_list", "port_load", "port_free_swap"];

const imports = Object.entries({ ...IMPORTS, ...UNPLACED }).map(
  ([name, parameters]) =>
    `__attribute__((import_module("port"), import_name("${name}"))) ${RETURNS.includes(name) ? "int" : "void"} ${name}(${parameters});`,
);

/** A statistic that the model has. */
export type StatisticName = keyof NodeStats;

/**
 * Statistics by the number that is passed to `port_statistic`. For other statistics, the length is added to the item.
 */
export const STATISTICS: readonly StatisticName[] = ["nrAnonMapped", "nrFileMapped", "nrAnonThps", "nrFilePmdmapped"];

/** C text of the stubs: must come before the functions of the tree and after everything that it redefines. */
export const ACCESS_STUBS: string = `
#line 1 "foliocheck/access-stubs.h"
${imports.join("\n")}
#define GATE_ADDRESS(pointer) ((int)(unsigned long)(pointer))
${macros.join("\n")}
${FENCES.map(({ name }, number) => `#undef ${name}\n#define ${name}() port_fence(${number}, 0)`).join("\n")}
${defines("LOCK_STUB", LockStub)}
${defines("LIST_STUB", ListStub)}
${defines("GATE", { STATISTICS: STATISTICS.length })}
${cSource("./access-stubs.h", import.meta.url)}`;
