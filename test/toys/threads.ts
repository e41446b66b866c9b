/** Small concurrent programs with known outcomes, as race machines. */
import { type IntField, int, type StructField, struct } from "../../explore/model/schema.ts";
import type { Access, Memory } from "../../races/access.ts";
import type { Cells } from "../../races/cells.ts";
import type { Operation } from "../../races/operation.ts";
import type { RaceDefinition } from "../../races/race-definition.ts";
import type { RaceOptions } from "../../races/race-model.ts";
import type { ThreadPort } from "../../races/shared-object.ts";
import { NO_REDUCTIONS, type Subject } from "../races/explore-races.ts";

/** Variables by name; loads and stores of threads are accesses to these properties. */
export interface Variables {
  [name: string]: number;
}

/** Accesses of threads other than plain loads and stores. */
export interface Primitives {
  /** smp_mb(), smp_rmb() and smp_wmb(). */
  fence(order?: "full" | "acquire" | "release"): void;
  /** smp_load_acquire() and smp_store_release(). */
  loadAcquire(name: string): number;
  storeRelease(name: string, value: number): void;
  lock(name: string): void;
  /** Releases a lock; the default order is release. */
  unlock(name: string, order?: Access["order"]): void;
  /** Waits until a variable has a value. */
  waitFor(name: string, value: number): void;
  /** An atomic addition; fully ordered by default. @returns the old value */
  fetchAdd(name: string, nr: number, order?: Access["order"]): number;
  /** An atomic addition without a result. */
  add(name: string, nr: number): void;
  /** Calls a function: only its result is part of the thread's position afterwards. */
  call<T extends number | string>(name: string, run: () => T): T;
  /** Raises a warning. */
  warn(code: number): void;
}

/** A thread of a program. */
export type Thread = (variables: Variables, primitives: Primitives) => number;

/** A program: each CPU executes its threads, one after the other. */
export interface Program {
  /** Names of the variables; all are initially 0. */
  readonly variables: readonly string[];
  /** The variables with plain accesses. */
  readonly plain?: readonly string[];
  /** C objects that contain several variables. */
  readonly objects?: { readonly [variable: string]: string };
  readonly cpus: readonly (readonly Thread[])[];
  /** Codes of warnings. */
  readonly codes?: readonly number[];
}

const LEAST = -3;
const MOST = 4;
/** The result of a thread that has not ended. */
const NO_RESULT = -1;

/**
 * The program as a machine in which each CPU executes its threads, by default on sequentially consistent memory.
 */
export function program(
  { variables, plain = [], objects = {}, cpus, codes = [] }: Program,
  memoryModel: RaceOptions["memoryModel"] = "sc",
): Subject<Variables> {
  const results = cpus.flatMap((threads, cpu) => threads.map((_, i) => `r${cpu}${i === 0 ? "" : `_${i}`}`));
  const fields: { [name: string]: IntField } = {};
  for (const name of variables) {
    fields[name] = int(LEAST, MOST, 0);
  }
  for (const name of results) {
    fields[name] = int(LEAST, MOST, NO_RESULT);
  }
  const names = [...variables, ...results];
  const calls = cpus.map((threads, cpu) => threads.map((_, i) => ({ operation: `${cpu}.${i}`, parameters: {} })));
  return {
    definition: () =>
      definitionOf(fields, plain, objects, (primitives) =>
        cpus.flatMap((threads, cpu) =>
          threads.map(
            (thread, i): Operation<Variables> => ({
              name: `${cpu}.${i}`,
              roles: [],
              choices: [{}],
              mayStart: () => true,
              run: (shared) => thread(shared, primitives),
              end: (state, _elements, _parameters, result) => {
                state[`r${cpu}${i === 0 ? "" : `_${i}`}`] = result;
                return 0;
              },
            }),
          ),
        ),
      ),
    options: { cpus: cpus.length, memoryModel, reductions: NO_REDUCTIONS, calls },
    elements: 0,
    initial: () => {},
    textOf: (state) => names.map((name) => `${name}=${state[name]}`).join(" "),
    codes,
  };
}

/** A closed machine: every CPU executes any of the threads, for ever. */
export function closed(
  { variables, plain = [], objects = {}, cpus: [threads = []], codes = [] }: Program,
  cpus: number,
  memoryModel: RaceOptions["memoryModel"] = "sc",
): Subject<Variables> {
  const fields = Object.fromEntries(variables.map((name) => [name, int(LEAST, MOST, 0)]));
  return {
    definition: () =>
      definitionOf(fields, plain, objects, (primitives) =>
        threads.map(
          (thread, i): Operation<Variables> => ({
            name: `thread ${i}`,
            roles: [],
            choices: [{}],
            mayStart: () => true,
            run: (shared) => thread(shared, primitives),
          }),
        ),
      ),
    options: { cpus, memoryModel, reductions: NO_REDUCTIONS },
    elements: 0,
    initial: () => {},
    textOf: (state) => variables.map((name) => `${name}=${state[name]}`).join(" "),
    codes,
  };
}

function definitionOf(
  fields: { readonly [name: string]: IntField },
  plain: readonly string[],
  objects: { readonly [variable: string]: string },
  operations: (primitives: Primitives) => Operation<Variables>[],
): RaceDefinition<Variables> {
  const warnings = { first: 0 };
  return {
    schema: struct(fields) as unknown as StructField<Variables>,
    roles: { scalarset: "none", count: 0 },
    describe: (path) => {
      const how = { marked: !plain.includes(path), order: "relaxed" } as const;
      return { object: objects[path] ?? path, name: path, load: how, store: how };
    },
    isOneWord: () => false,
    fixed: () => undefined,
    isObserved: () => false,
    warnings,
    operations: (port, cells) => operations(primitivesOf(port, cells, warnings)),
  };
}

function primitivesOf(port: ThreadPort, cells: Cells, warnings: { first: number }): Primitives {
  const access = (kind: Access["kind"], name: string, text: string, more: Partial<Access>): number =>
    port.access({
      kind,
      cells: name === "" ? [] : [cells.cell(name)],
      object: name,
      marked: true,
      order: "full",
      text,
      perform: () => 0,
      ...more,
    });
  const setTo =
    (name: string, value: number): Access["perform"] =>
    (memory) => {
      memory.write(cells.cell(name), value);
      return 0;
    };
  const has =
    (name: string, value: number) =>
    (memory: Memory): boolean =>
      memory.read(cells.cell(name)) === value;
  return {
    fence: (order = "full") => {
      access("fence", "", `fence ${order}`, { order });
    },
    loadAcquire: (name) =>
      access("load", name, `load ${name}`, { order: "acquire", perform: (memory) => memory.read(cells.cell(name)) }),
    storeRelease: (name, value) => {
      access("store", name, `store ${name} = ${value}`, { order: "release", perform: setTo(name, value) });
    },
    lock: (name) => {
      access("lock", name, `lock ${name}`, { order: "acquire", enabled: has(name, 0), perform: setTo(name, 1) });
    },
    unlock: (name, order = "release") => {
      access("unlock", name, `unlock ${name}`, { order, perform: setTo(name, 0) });
    },
    waitFor: (name, value) => {
      access("await", name, `wait for ${name}`, { order: "acquire", enabled: has(name, value) });
    },
    fetchAdd: (name, nr, order = "full") =>
      access("rmw", name, `add ${nr} to ${name}, return`, {
        order,
        perform: (memory) => {
          const old = memory.read(cells.cell(name));
          memory.write(cells.cell(name), old + nr);
          return old;
        },
      }),
    add: (name, nr) => {
      access("rmw", name, `add ${nr} to ${name}`, {
        order: "relaxed",
        isVoidAdd: true,
        perform: (memory) => {
          memory.write(cells.cell(name), memory.read(cells.cell(name)) + nr);
          return 0;
        },
      });
    },
    call: (name, run) => {
      port.enter(name);
      const result = run();
      port.leave(result);
      return result;
    },
    warn: (code) => {
      warnings.first = warnings.first === 0 ? code : warnings.first;
    },
  };
}
