/** Origins of models, as data that can be sent to a thread. */
import type { Machine } from "../../model/machine.ts";
import type { Model } from "../../model/model.ts";
import { compile } from "../compile.ts";

/** Origin of a model: each thread builds a model of its own from it. */
export interface ModelSource {
  /** URL of a module. */
  readonly module: string;
  /** An export of the module: the model, or a function that returns it for the argument. */
  readonly name: string;
  /** Plain data. */
  readonly argument?: unknown;
}

/** A model with hidden types. */
type AnyModel = Model<unknown, unknown, unknown>;

/** The reason why states of a model cannot be expanded in chunks, by any thread; undefined if they can. */
export function chunkObstacle({
  learned,
  stateBytes,
  revise,
}: Pick<AnyModel, "learned" | "stateBytes" | "revise">): string | undefined {
  return learned === undefined && stateBytes === undefined && revise === undefined
    ? undefined
    : "its states refer to data that its recipes derive during the search, in one thread and in the memory of that thread";
}

/** Builds the model of a source and compiles it. @throws Error when the module does not have the export */
export async function machineFrom({ module, name, argument }: ModelSource): Promise<Machine> {
  const exports: { readonly [name: string]: unknown } = await import(module);
  const exported = exports[name];
  if (typeof exported !== "function" && typeof exported !== "object") {
    throw new Error(`module ${module} exports no model with the name ${name}`);
  }
  const model = (typeof exported === "function" ? exported(argument) : exported) as AnyModel;
  const obstacle = chunkObstacle(model);
  if (obstacle !== undefined) {
    throw new Error(`model ${model.name}: ${obstacle}`);
  }
  return compile(model);
}
