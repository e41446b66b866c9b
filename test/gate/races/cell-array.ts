/** A state as an array of cells, with a port that performs every access immediately: sequential execution. */
import type { Folio, KernelState } from "../../../model/state/structs.ts";
import type { Access, CellIndex, Memory, Port } from "../../../races/access.ts";

/** Locks of each folio that have a cell. */
const LOCKS = ["largeMapcountLock", "splitQueueLock"];

/** Fields that never change: they have no cell. */
const CONSTANT = new Set(
  "frameNumber hpagePmdNr index inPageCache nrPages idNumber hasId allocated content swap".split(" "),
);

/** A state whose fields are cells. */
export interface CellMachine extends Memory {
  /** The kernel state as an object whose fields are the cells. */
  readonly machine: KernelState;
  readonly index: CellIndex;
  readonly pathOf: (object: object) => string;
  /** Writes the fields of a state of the same shape into the cells, and releases all locks. */
  readonly load: (machine: KernelState) => void;
  /** Whether a lock is taken. */
  readonly isLocked: () => boolean;
}

/** Creates cells for a state. */
export function cellMachine(shape: KernelState): CellMachine {
  const paths = new Map<string, number>();
  const cells: number[] = [];
  const pathOf = new WeakMap<object, string>();
  const loaders: ((machine: unknown) => void)[] = [];
  const cellFor = (path: string, value: number): number => {
    paths.set(path, cells.length);
    return cells.push(value) - 1;
  };
  const build = (value: unknown, path: string, from: (machine: unknown) => unknown): unknown => {
    if (Array.isArray(value)) {
      return value.map((each, i) => build(each, `${path}[${i}]`, (machine) => (from(machine) as unknown[])[i]));
    }
    const object = {};
    pathOf.set(object, path);
    for (const [name, each] of Object.entries(value as object)) {
      const at = path === "" ? name : `${path}.${name}`;
      const get = (machine: unknown): unknown => (from(machine) as Record<string, unknown>)[name];
      if (typeof each === "object") {
        Object.defineProperty(object, name, { enumerable: true, value: build(each, at, get) });
      } else if (CONSTANT.has(name)) {
        Object.defineProperty(object, name, { enumerable: true, writable: true, value: each });
      } else {
        const cell = cellFor(at, Number(each));
        const isBool = typeof each === "boolean";
        loaders.push((machine) => {
          cells[cell] = Number(get(machine));
        });
        Object.defineProperty(object, name, {
          enumerable: true,
          get: () => (isBool ? cells[cell] !== 0 : cells[cell]),
          set: (written: unknown) => {
            cells[cell] = Number(written);
          },
        });
      }
    }
    return object;
  };
  const machine = build(shape, "", (given) => given) as KernelState;
  const locks = shape.folios.flatMap((_, f) => LOCKS.map((name) => cellFor(`folios[${f}].${name}`, 0)));
  return {
    machine,
    index: {
      cell: (path) => {
        const cell = paths.get(path);
        if (cell === undefined) {
          throw new RangeError(`there is no cell ${path}`);
        }
        return cell;
      },
    },
    pathOf: (object) => pathOf.get(object) as string,
    load: (given) => {
      for (const load of loaders) {
        load(given);
      }
      for (const lock of locks) {
        cells[lock] = 0;
      }
    },
    isLocked: () => locks.some((lock) => cells[lock] !== 0),
    read: (cell) => cells[cell] as number,
    write: (cell, value) => {
      cells[cell] = value;
    },
  };
}

/** A port that performs every access immediately. */
export class SequentialPort implements Port {
  /** Accesses since the log was last cleared. */
  readonly log: Access[] = [];
  depth = 0;
  private readonly memory: Memory;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  access(access: Access): number {
    this.log.push(access);
    if (access.enabled?.(this.memory) === false) {
      throw new Error(`a thread waits for ever: ${access.text} at ${JSON.stringify(access.place)}`);
    }
    return access.perform(this.memory);
  }

  enter(_name: string): void {
    this.depth++;
  }

  leave(_result: number | string): void {
    this.depth--;
  }
}

/** A folio as plain data. */
export function plain(folio: Folio): Folio {
  return JSON.parse(JSON.stringify(folio)) as Folio;
}
