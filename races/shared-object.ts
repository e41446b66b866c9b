/**
 * A state as an object whose fields are shared memory: reading a field is a load, writing it is a store. Code written
 * for drafts of the state runs on it unchanged, as a thread.
 */
import type { AnyField, StructField } from "../explore/model/schema.ts";
import type { Access, Memory, Order, Port } from "./access.ts";
import { type Cells, isConstant } from "./cells.ts";

/** The kernel's accesses to a field, in terms of C. */
export interface FieldAccess {
  /** Name of the C object that contains the field; see Access.object. */
  readonly object: string;
  /** Name of the field in texts. */
  readonly name: string;
  readonly load: { readonly marked: boolean; readonly order: Order };
  /** `rmw` for a bit of a word that atomic operations set and clear. */
  readonly store: { readonly kind?: "store" | "rmw"; readonly marked: boolean; readonly order: Order };
}

/** Returns the accesses to a field. @param path as in Cell.path */
export type Describe = (path: string) => FieldAccess;

/** Key of the path of a shared object, for code that performs accesses to it explicitly. */
export const PATH: unique symbol = Symbol("path");

/** An object of shared memory, with its path. */
export interface Shared {
  readonly [PATH]: string;
}

/** Schema, cells and port of shared objects. */
export interface SharedMemory {
  readonly schema: StructField;
  readonly cells: Cells;
  readonly describe: Describe;
  readonly port: ThreadPort;
  /** The constant value that threads read from a field, whatever they write to it; undefined for ordinary memory. */
  readonly fixed: (path: string) => number | boolean | undefined;
}

/**
 * Makes the shared object of a state. Arrays of the scalarset with roles have an element for each role.
 *
 * Constant values are plain properties: reading them is no access. Writing another value to one is an error.
 */
export function sharedState<T>({ schema, cells, describe, port, fixed }: SharedMemory): T {
  const build = (field: AnyField, path: string, self: number): unknown => {
    switch (field.kind) {
      case "array": {
        const count = field.scalarset === cells.roles.scalarset ? cells.roles.count : field.elements.length;
        return Array.from({ length: count }, (_, i) =>
          build(
            field.elements[field.scalarset === cells.roles.scalarset ? 0 : i] as StructField,
            `${path}[${i}]`,
            i + 1,
          ),
        );
      }
      case "struct": {
        const object = Object.defineProperty({}, PATH, { value: path });
        for (const [name, each] of Object.entries(field.fields)) {
          Object.defineProperty(object, name, {
            enumerable: true,
            ...member(each, path === "" ? name : `${path}.${name}`, self),
          });
        }
        return object;
      }
      default:
        throw new RangeError(`${path} is no record`);
    }
  };
  const member = (field: AnyField, path: string, self: number): PropertyDescriptor => {
    if (field.kind === "struct" || field.kind === "array") {
      return { value: build(field, path, self) };
    }
    const value = fixed(path);
    if (value !== undefined) {
      return { get: () => value, set: () => {} };
    }
    if (isConstant(field)) {
      return constantMember(path, constantOf(field, self));
    }
    const { load, store } = accessesOf(cells.cell(path), describe(path));
    return field.kind === "bool"
      ? { get: () => port.access(load) !== 0, set: (value: boolean) => port.store(store(value ? 1 : 0)) }
      : { get: () => port.access(load), set: (value: number) => port.store(store(value)) };
  };
  return build(schema, "", 0) as T;
}

function constantOf(field: AnyField, self: number): number | boolean {
  switch (field.kind) {
    case "constant":
      return field.value;
    case "self":
      return self;
    case "int":
      return field.min;
    default:
      return false;
  }
}

function constantMember(path: string, value: number | boolean): PropertyDescriptor {
  return {
    get: () => value,
    set: (written: unknown) => {
      if (written !== value) {
        throw new RangeError(`${String(written)} is written to ${path}, which is always ${String(value)}`);
      }
    },
  };
}

/** A store of one cell. */
export interface Store extends Access {
  readonly value: number;
}

/** Makes the load of a cell, and its stores by value. */
function accessesOf(
  cell: number,
  { object, name, load, store }: FieldAccess,
): { load: Access; store: (value: number) => Store } {
  const stores = new Map<number, Store>();
  const cells = [cell];
  return {
    load: { kind: "load", cells, object, ...load, text: `load ${name}`, perform: (memory) => memory.read(cell) },
    store: (value) => {
      let access = stores.get(value);
      if (access === undefined) {
        access = {
          kind: "store",
          cells,
          object,
          ...store,
          value,
          text: `store ${name} = ${value}`,
          perform: (memory) => {
            memory.write(cell, value);
            return 0;
          },
        };
        stores.set(value, access);
      }
      return access;
    },
  };
}

/**
 * A port for code that writes the fields of one C object one after the other: consecutive stores to an object that is
 * one word according to `isOneWord`, such as a page table entry, become one store.
 */
export class ThreadPort implements Port {
  private readonly port: Port;
  private readonly isOneWord: (object: string) => boolean;
  private pending: Store[] = [];
  /** Combined stores of words, by the stores of their cells. */
  private readonly words: Map<string, Access> = new Map();

  constructor(port: Port, isOneWord: (object: string) => boolean) {
    this.port = port;
    this.isOneWord = isOneWord;
  }

  /** To be called before a thread is run: the previous run may have stopped before a store. */
  reset(): void {
    if (this.pending.length > 0) {
      this.pending = [];
    }
  }

  access(access: Access): number {
    const { pending } = this;
    if (pending.length > 0) {
      // Store forwarding: the thread's own last write.
      const own = access.kind === "load" ? pending.findLast(({ cells }) => cells[0] === access.cells[0]) : undefined;
      if (own !== undefined) {
        return own.value;
      }
      // When a word is copied from another one, it is read before the write is performed.
      if (access.kind !== "load" || !this.isOneWord(access.object)) {
        this.flush();
      }
    }
    return this.port.access(access);
  }

  store(store: Store): void {
    const [first] = this.pending;
    if (first !== undefined && first.object !== store.object) {
      this.flush();
    }
    if (this.isOneWord(store.object)) {
      this.pending.push(store);
    } else {
      this.port.access(store);
    }
  }

  enter(name: string): void {
    this.flush();
    this.port.enter(name);
  }

  leave(result: number | string): void {
    this.flush();
    this.port.leave(result);
  }

  /** Performs the pending stores as one. */
  flush(): void {
    const { pending } = this;
    const [first] = pending;
    if (first === undefined) {
      return;
    }
    this.pending = [];
    this.port.access(pending.length === 1 ? first : this.wordStore(pending));
  }

  private wordStore(stores: readonly Store[]): Access {
    const key = stores.map(({ cells: [cell], value }) => `${cell} = ${value}`).join();
    const word = this.words.get(key) ?? wordStore(stores);
    this.words.set(key, word);
    return word;
  }
}

function wordStore(stores: readonly Store[]): Access {
  const [first] = stores as readonly [Store, ...Store[]];
  return {
    kind: "store",
    cells: stores.flatMap(({ cells }) => cells),
    object: first.object,
    marked: first.marked,
    order: first.order,
    text: `store ${first.object}`,
    perform: (memory: Memory) => {
      for (const store of stores) {
        store.perform(memory);
      }
      return 0;
    },
  };
}
