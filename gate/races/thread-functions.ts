/** The kernel of machine `race` whose threads run the C code of a tree with single accesses as steps. */

import { BeyondBounds } from "../../explore/model/errors.ts";
import type { Kernel, KernelPatch } from "../../model/kernel/kernel.ts";
import type { ThreadContext } from "../../model/kernel/thread-context.ts";
import type { CellIndex } from "../../races/access.ts";
import { PATH, type Shared } from "../../races/shared-object.ts";
import { baseKernel } from "../adapter/base-kernel.ts";
import { warningOfSite } from "../adapter/call-effects.ts";
import type { CallFaults } from "../adapter/call-fault.ts";
import { codesOfSites } from "../adapter/warning-codes.ts";
import { TreeError } from "../tree/tree-error.ts";
import { type RacingKernel, racingKernel, roomOf } from "./racing-kernel.ts";
import { THREAD_FAULTS, ThreadFaults } from "./thread-faults.ts";
import { ThreadInstance } from "./thread-instance.ts";
import type { ThreadModule } from "./thread-module.ts";

/** C code for threads. */
export interface ThreadFunctions {
  /** The model's kernel for the evaluation of claims, which runs C code in threads. */
  readonly kernel: Kernel;
  /** The codes of warnings and of faults of the C code. */
  readonly codes: readonly number[];
  /** Returns the fault of the C code for a code; undefined for a warning of the model. */
  readonly faults: (code: number) => CallFaults | undefined;
  /** Returns the names of the functions of the tree that ran. */
  readonly reached: () => readonly string[];
}

/** Builds the functions of a module. */
export function threadFunctions(module: ThreadModule): ThreadFunctions {
  const { unit } = module;
  const faults = new ThreadFaults();
  const running: RacingKernel[] = [];
  const { pincount } = roomOf(new ThreadInstance(module, NO_EVENTS));
  const kernel: Kernel = {
    ...baseKernel(unit),
    name: "tree",
    averageTakesPageType: false,
    folioHasPincount: ({ nrPages }) => nrPages >= pincount,
    forThreads(context) {
      const { port, cells } = context;
      const racing = racingKernel(module, {
        base: this,
        index: cellsOfThreads(context),
        rangeOf: (path) => cells.rangeOf(path),
        pathOf: (object) => (object as Shared)[PATH],
        faults,
      });
      racing.setPort(port);
      running.push(racing);
      return bounded(racing.functions);
    },
  };
  return {
    kernel,
    codes: [
      ...codesOfSites(unit),
      ...Array.from({ length: THREAD_FAULTS.count }, (_, index) => THREAD_FAULTS.first + index),
    ],
    faults: (code) => {
      const fault = faults.faultOf(code) ?? warningOfSite(unit, code);
      return fault && { kind: "call", faults: [fault] };
    },
    reached: () => [...new Set(running.flatMap((each) => each.reached()))],
  };
}

/** Events of an instance that is used for constants of the tree only, and runs no function of it. */
const NO_EVENTS: ConstructorParameters<typeof ThreadInstance>[1] = {
  warn: () => {},
  fault: () => {},
  freeSwap: () => false,
  statistic: () => undefined,
  pinned: () => ({ value: false }),
};

/** Returns the cells for threads: a field whose value never changes for them has none. */
export function cellsOfThreads({ cells, fixed }: Pick<ThreadContext, "cells" | "fixed">): CellIndex {
  return {
    cell: (path) => {
      if (fixed(path) !== undefined) {
        throw new RangeError(`threads always see the same in ${path}`);
      }
      return cells.cell(path);
    },
  };
}

type Run = (this: Kernel, ...parameters: unknown[]) => unknown;

/** Wraps functions so that an access of C code to memory without a field ends the search, as incomplete. */
function bounded(functions: KernelPatch): KernelPatch {
  return Object.fromEntries(
    Object.entries(functions).map(([name, value]) => {
      const run: Run = function (...parameters) {
        try {
          return (value as Run).apply(this, parameters);
        } catch (error) {
          throw error instanceof TreeError ? new BeyondBounds(error.message) : error;
        }
      };
      return [name, run];
    }),
  );
}
