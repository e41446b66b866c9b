/**
 * A tree on its way to compiled units, in a thread of its own: clang takes a third of the time that a gate takes, and what
 * is compiled already can be explored meanwhile.
 */
import { Worker } from "node:worker_threads";
import { makeTemporaryFolder, removeTemporaryFolder } from "../../files/temporary-folder.ts";
import type { NativeClang } from "../compile/native-clang.ts";
import type { LayoutReport } from "../layout/check-layout.ts";
import type { ChangedCode } from "../tree/changed-code.ts";
import { TreeError } from "../tree/tree-error.ts";
import type { BaseUnit } from "./base-unit.ts";
import type { CompiledUnit } from "./compile-unit.ts";
import { presentConfigurations } from "./extract-units.ts";
import type { BaseLayout, PreparationMessage, PreparationRequest } from "./preparation-thread.ts";

/** The layouts of a tree, and of its base if it has one. */
export interface MeasuredLayouts {
  readonly own: LayoutReport;
  readonly base: BaseLayout | undefined;
}

/** What becomes of a tree. All of it fails together: with a TreeError when it is the fault of the tree, or of a patch. */
interface Preparation {
  /** How the tree differs from its base: the first to come. Undefined without one. */
  readonly change: Promise<ChangedCode> | undefined;
  /** For those configurations that the tree has, in their order, each as soon as it is compiled. */
  readonly units: readonly Promise<CompiledUnit>[];
  /** The base of each unit; undefined without a base. */
  readonly bases: readonly Promise<BaseUnit>[] | undefined;
  /** The last to come; undefined when it was not asked for. */
  readonly layout: Promise<MeasuredLayouts | undefined>;
  /** Gives up what is not done yet. */
  readonly stop: () => Promise<void>;
}

/** What is to be prepared. */
interface PreparationInput extends Omit<PreparationRequest, "native"> {
  /** A clang of this machine; the one of the npm package when absent. */
  readonly native?: NativeClang;
}

/**
 * Begins to extract, to compile, and to measure.
 *
 * @throws TreeError for a tree that has none of the configurations, or a patch that does not apply
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
  // What has come by then stays.
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

/** Something that comes later. */
class Deferred<T> {
  readonly promise: Promise<T>;
  resolve!: (value: T) => void;
  reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A failure is reported where the promise is awaited; not every promise is.
    this.promise.catch(() => {});
  }
}
