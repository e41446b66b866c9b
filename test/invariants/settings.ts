/** Settings: states of runs of the fault-free kernel, in which claims hold, and changes of one value. */
import { interpret } from "../../explore/model/interpreter.ts";
import type { Bounds } from "../../machines/machine.ts";
import type { World, WorldFolio } from "../../model/state/world.ts";
import { kernelIn, start, type WorldSession, type WorldSubject, worldSubject } from "../model/session.ts";

export type Deep<T> = T extends object ? { -readonly [K in keyof T]: Deep<T[K]> } : T;
export type MutableWorld = Deep<World>;

/** Machine, and a run of it. */
export interface Setting {
  /** Name of the machine; `rmap` by default. */
  readonly scope?: string;
  readonly bounds: Bounds;
  readonly config: string;
  readonly kernel?: string;
  readonly run: (start: WorldSession) => WorldSession;
}

/** Change of a state that violates a claim. */
export interface Row {
  readonly claim: string;
  readonly what: string;
  readonly setting: Setting;
  readonly change: (world: MutableWorld, folio: Deep<WorldFolio>) => void;
}

export function set<T extends object>(target: T | undefined, values: Partial<Record<keyof T, unknown>>): void {
  Object.assign(target as T, values);
}

export function subjectOf({ scope = "rmap", bounds, config, kernel }: Setting): WorldSubject {
  return worldSubject(scope, bounds, config, kernelIn(config, kernel));
}

/** Evaluates a property: true, false, or undefined if it is vacuous. */
export function saying(setting: Setting, claim: string, world: World): boolean | undefined {
  const { model, kernel } = subjectOf(setting);
  const property = model.properties.find((each) => each.id === claim);
  if (property?.kind !== "always") {
    throw new Error(`no property ${claim} of states`);
  }
  return property.holds(model.view(world, kernel));
}

/** Whether a witness is reached by the step from `before` to `world`, or in `world`. */
export function reached(setting: Setting, id: string, before: World, world: World): boolean {
  const { model } = subjectOf(setting);
  const index = model.properties.findIndex((each) => each.id === id);
  if (index < 0) {
    throw new Error(`no property ${id}`);
  }
  return interpret(model).decides(index, before, world);
}

export function stateOf({ scope = "rmap", bounds, config, kernel, run }: Setting): World {
  return run(start(scope, bounds, config, kernelIn(config, kernel))).world;
}

/** Returns the state of a run with one value changed. */
export function changed(setting: Setting, change: Row["change"]): World {
  const world = structuredClone(stateOf(setting)) as MutableWorld;
  change(world, world.folios[0] as Deep<WorldFolio>);
  return world as World;
}

export const anon: Setting = {
  bounds: { mms: 3, file: 1, folios: 2 },
  config: "",
  run: (start) => start.act("anonFault", { mm: 0, first: 0, pages: 4 }),
};
export const forked: Setting = { ...anon, run: (start) => anon.run(start).act("fork", { parent: 0, child: 1 }) };
export const threeMms: Setting = { ...anon, run: (start) => forked.run(start).act("fork", { parent: 0, child: 2 }) };
export const onePage: Setting = {
  ...anon,
  run: (start) => anon.run(start).act("unmap", { mm: 0, vma: 0, first: 0, count: 3 }),
};
export const small: Setting = { ...anon, run: (start) => start.act("anonFault", { mm: 0, first: 0, pages: 1 }) };
export const cached: Setting = { ...anon, run: (start) => start.act("readFile", { index: 0, pages: 4 }) };
export const fresh: Setting = { ...anon, run: (start) => start };
export const overflowed: Setting = {
  bounds: { pages: 2, minPages: 2, mms: 3, anon: 0, file: 2 },
  config: "32bit,mm-id-mapcount-max=1",
  run: (start) =>
    start
      .act("readFile", { index: 0, pages: 2 })
      .act("fileFault", { mm: 0, vma: 0, first: 0, count: 2 })
      .act("fileFault", { mm: 0, vma: 1, first: 0, count: 1 })
      .act("fork", { parent: 0, child: 1 }),
};

export const withoutPageMapcounts = (setting: Setting): Setting => ({ ...setting, config: "no-page-mapcount" });
