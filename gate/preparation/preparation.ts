/**
 * Extracts and compiles the units of a tree in a worker thread: clang takes a third of the time of a gate, and compiled
 * units can be explored in the meantime.
 */
import { Worker } from "node:worker_threads";
import { makeTemporaryFolder, removeTemporaryFolder } from "../../files/temporary-folder.ts";
import type { NativeClang } from "../compile/native-clang.ts";
import type { ChangedCode } from "../tree/changed-code.ts";
import { TreeError } from "../tree/tree-error.ts";
import type { BaseUnit } from "./base-unit.ts";
import type { CompiledUnit } from "./compile-unit.ts";
import { presentConfigurations } from "./extract-units.ts";
import type { MeasuredLayouts } from "./measured-layouts.ts";
import type { PreparationMessage, PreparationRequest } from "./preparation-thread.ts";

/** The results for a tree. All promises reject together: with a TreeError if the tree or a patch is the cause. */
interface Preparation {
  /** The difference from the base; resolved first. Undefined without a base. */
  readonly change: Promise<ChangedCode> | undefined;
  /** A unit for each configuration that the tree has, in their order; resolved as soon as it is compiled. */
  readonly units: readonly Promise<CompiledUnit>[];
  /** The base of each unit; undefined without a base. */
  readonly bases: readonly Promise<BaseUnit>[] | undefined;
  /** The layouts; resolved last. Undefined if not requested. */
  readonly layout: Promise<MeasuredLayouts | undefined>;
  /** Terminates the thread. */
  readonly stop: () => Promise<void>;
}

/** The input of `prepare`. */
interface PreparationInput extends Omit<PreparationRequest, "native"> {
  /** A clang of the host; if absent, that of the npm package. */
  readonly native?: NativeClang;
}

/**
 * Starts the extraction, compilation and measurement of a tree.
 *
 * @throws TreeError if the tree has none of the configurations, or the patch does not apply
 */
export function prepare({ native, ...request }: PreparationInput): Preparation {
  const units = presentConfigurations(request).map(() => new Deferred<CompiledUnit>());
  const hasBase = request.base !== undefined || request.patch !== undefined;
  const bases = hasBase ? units.map(() => new Deferred<BaseUnit>()) : undefined;
  const change = hasBase ? new Deferred<ChangedCode>() : undefined;
  const layout = new Deferred<MeasuredLayouts | undefined>();
  if (!request.layout) {
    layout.resolve(undefined);
  }
  const fail = (error: unknown): void => {
    for (const each of [...units, ...(bases ?? []), ...(change === undefined ? [] : [change]), layout]) {
      each.reject(error);
    }
  };
  const folder = native === undefined ? undefined : makeTemporaryFolder();
  const removeFolder = (): void => {
    if (folder !== undefined) {
      removeTemporaryFolder(folder);
    }
  };
  const workerData: PreparationRequest = {
    ...request,
    ...(native === undefined || folder === undefined ? {} : { native: { programs: native, folder } }),
  };
  const thread = new Worker(new URL("./preparation-thread.js", import.meta.url), { workerData });
  thread.on("message", (message: PreparationMessage) => {
    switch (message.kind) {
      case "compared":
        change?.resolve(message.change);
        break;
      case "base":
        bases?.[message.index]?.resolve(message.base);
        break;
      case "compiled":
        units[message.index]?.resolve(message.unit);
        break;
      case "measured":
        layout.resolve({ own: message.layout, base: message.base });
        break;
      case "refused":
        fail(new TreeError(message.message));
        break;
    }
  });
  thread.on("error", fail);
  // Promises that are already resolved stay so.
  thread.on("exit", () => {
    removeFolder();
    fail(new Error("the thread that compiles ended too early"));
  });
  return {
    change: change?.promise,
    units: units.map(({ promise }) => promise),
    bases: bases?.map(({ promise }) => promise),
    layout: layout.promise,
    stop: async () => {
      await thread.terminate();
    },
  };
}

/** A promise with its resolve and reject functions. */
class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A rejection is reported where the promise is awaited, but not every promise is awaited.
    this.promise.catch(() => {});
  }
}
