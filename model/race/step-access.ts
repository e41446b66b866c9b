/** Accesses of the race machine as data for reports. */
import { at } from "../../explore/model/schema.ts";
import type { Access, AccessPlace } from "../../races/access.ts";
import { IDLE, type Node } from "../../races/access-tree.ts";
import { type Cell, type Cells, otherElement } from "../../races/cells.ts";
import type { CpuState, PerformedAccess, RaceEngine, RaceState } from "../../races/race-model.ts";
import { withElementNames } from "../../races/role-names.ts";
import { isInLine, kernelNameOf } from "../kernel/call-values.ts";
import { describeRaceField, type RaceWorld } from "./race-world.ts";

/** An access to shared memory. MMs are named by their positions. */
export interface RaceAccess {
  /** `drain`: under TSO, a store that was performed before reaches memory. */
  readonly kind: Access["kind"] | "drain";
  /** The C object. */
  readonly object: string;
  readonly marked: boolean;
  readonly order: Access["order"];
  /** The access as text, such as `store _large_mapcount = 1`. Mapcounts are stored values: one less than logical. */
  readonly text: string;
  /** The kernel functions that the CPU is in, the outermost first. */
  readonly functions: readonly string[];
  /** File and line of C code, where they are known. */
  readonly place?: AccessPlace;
}

/** A field of the state that an access reads or writes. */
export interface AccessedField {
  /** Path in the state. */
  readonly path: string;
  /** As the kernel names it. */
  readonly name: string;
  /** Its value before and after the access, as the CPU sees it; 0 and 1 for a flag. */
  readonly before: number;
  readonly after: number;
}

/** An access that a CPU performed. */
export interface StepAccess extends RaceAccess {
  readonly cpu: number;
  readonly fields: readonly AccessedField[];
  /** Under views, of a load: how many of the newest writes to its word it ignored; absent for none. */
  readonly ignored?: number;
}

/** The MMs that have the roles of a CPU's operation: positions, by role. */
function mmsOf(own: CpuState, { roles }: Cells): number[] {
  return Array.from({ length: roles.count }, (_, role) => own[`role${role}`] as number).map((each) => each - 1);
}

/** A text in which MMs are named by their positions. @param mms position of the MM in each role */
function named(text: string, mms: readonly number[]): string {
  return withElementNames(text, (role) => `mm ${mms[role]}`);
}

/** Path of a cell in the state. @param mms position of the MM in each role */
function pathInState({ path, role }: Cell, mms: readonly number[]): string {
  return role < 0 ? path : `mms[${mms[role]}]${path.slice(`mms[${role}]`.length)}`;
}

/** The functions of a thread by the kernel's names, without code that the kernel has in line. */
export function kernelFunctions(functions: readonly string[]): string[] {
  return functions.filter((name) => !isInLine(name)).map(kernelNameOf);
}

/** The access that a CPU at a node performs next; undefined for a thread that has ended. */
export function nextAccess({ access, functions }: Node, own: CpuState, cells: Cells): RaceAccess | undefined {
  if (access === undefined) {
    return undefined;
  }
  const mms = mmsOf(own, cells);
  const { kind, object, marked, order, text, place } = access;
  return {
    kind,
    object: named(object, mms),
    marked,
    order,
    text: named(text, mms),
    functions: kernelFunctions(functions),
    ...(place === undefined ? {} : { place }),
  };
}

/**
 * An access that a CPU performed.
 *
 * @param before the state before the step
 * @param own the CPU while it performs the access: its operation has begun
 */
export function stepAccess(
  { cells, trees }: RaceEngine<RaceWorld>,
  { node, before, after, ignored }: PerformedAccess,
  { state, cpu, own }: { readonly state: unknown; readonly cpu: number; readonly own: CpuState },
): StepAccess {
  const { access } = trees.node(node);
  const fields = (access as Access).cells.map((cell, i): AccessedField => {
    const value = (each: number): number => valueInState(cells, cell, each, { own, state });
    return { ...fieldOf(cells, cell, own), before: value(at(before, i)), after: value(at(after, i)) };
  });
  const next = nextAccess(trees.node(node), own, cells) as RaceAccess;
  return { ...next, cpu, fields, ...(ignored > 0 ? { ignored } : {}) };
}

/** The oldest store in the buffer of a CPU, which reaches memory. */
export function drainedStore(
  { cells }: RaceEngine<RaceWorld>,
  { state, cpu, own }: { readonly state: unknown; readonly cpu: number; readonly own: CpuState },
): StepAccess {
  const length = own.buffer.findIndex(({ continues }, i) => i > 0 && !continues);
  const stores = own.buffer.slice(0, length < 0 ? own.buffer.length : length).filter(({ cell }) => cell > 0);
  const fields = stores.map(({ cell, value }): AccessedField => {
    const { get } = at(cells.all, cell - 1);
    const shown = (each: number): number => valueInState(cells, cell - 1, each, { own, state });
    return { ...fieldOf(cells, cell - 1, own), before: shown(get(state, own)), after: shown(value) };
  });
  const object = named(describeRaceField(at(cells.all, at(stores, 0).cell - 1).path).object, mmsOf(own, cells));
  return { cpu, kind: "drain", object, marked: true, order: "relaxed", text: `drain ${object}`, functions: [], fields };
}

/** Stores of a CPU that are not in memory yet, the oldest first. */
export function bufferedStores(cells: Cells, own: CpuState): { path: string; value: number }[] {
  return own.buffer
    .filter(({ cell }) => cell > 0)
    .map(({ cell, value }) => ({ path: fieldOf(cells, cell - 1, own).path, value }));
}

/** Values that were overwritten and that some CPU can still read, by path, the oldest first of each word. */
export function overwrittenValues(cells: Cells, { history, cpus }: RaceState<RaceWorld>): OverwrittenValue[] {
  let place = 0;
  return history.flatMap(({ cell, element, value, reference, continues }, i) => {
    if (cell === 0) {
      return [];
    }
    place = continues ? place : i;
    const overwritten = at(cells.all, cell - 1);
    const readers = cpus.flatMap(({ node, seen }, cpu) => (node !== IDLE && (seen & (1 << place)) === 0 ? [cpu] : []));
    const path = pathInState(overwritten, [element - 1]);
    return { path, value: overwritten.isElement ? reference : value, readers };
  });
}

/** A value that was overwritten. */
export interface OverwrittenValue {
  readonly path: string;
  readonly value: number;
  /** CPUs that have not seen the write that overwrote it. */
  readonly readers: readonly number[];
}

function fieldOf(cells: Cells, cell: number, own: CpuState): { path: string; name: string } {
  const described = at(cells.all, cell);
  const mms = mmsOf(own, cells);
  return { path: pathInState(described, mms), name: named(describeRaceField(described.path).name, mms) };
}

/** A cell's value as the state has it: threads see references to MMs by role. */
function valueInState(
  cells: Cells,
  cell: number,
  value: number,
  { own, state }: { readonly own: CpuState; readonly state: unknown },
): number {
  const { kind, path } = at(cells.all, cell);
  if (kind !== "ref" || value === 0 || !isSlotId(path)) {
    return value;
  }
  return value === otherElement(cells.roles)
    ? Number(valueAt(state, path))
    : (at(mmsOf(own, cells), value - 1) as number) + 1;
}

/** Whether a reference is one to an MM. */
function isSlotId(path: string): boolean {
  return path.endsWith(".mmId");
}

/** The value at a path that has no MM in it. */
function valueAt(state: unknown, path: string): unknown {
  return path
    .split(/[.[\]]+/)
    .filter((name) => name !== "")
    .reduce<unknown>((value, name) => (value as { readonly [name: string]: unknown })[name], state);
}
