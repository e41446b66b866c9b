/** Models for the worker threads of tests, built from plain data: see shared-toys.ts. */
import { isMainThread } from "node:worker_threads";
import { action, type Model } from "../../../explore/model/model.ts";
import { int, struct } from "../../../explore/model/schema.ts";
import { faultyToys, soundToys } from "../../toys/all.ts";

export { machineOf } from "../../toys/described-machine.ts";

type AnyModel = Model<unknown, unknown, unknown>;

/** The toy with a number among all toys. */
export function toyNumbered(number: number): AnyModel {
  const toy = [...soundToys, ...faultyToys][number];
  if (toy === undefined) {
    throw new RangeError(`there is no toy ${number}`);
  }
  return toy.with((model) => model as unknown as AnyModel);
}

/** Behaviour of a worker that expands a certain state: it ends, its recipe throws, or nothing; or always other steps. */
export type Fault = "exit" | "exception" | "step" | "none";

interface Counter {
  low: number;
  high: number;
}

/** Counts to 20,000, in two kinds of steps. Worker threads have a fault; the main thread, which searches, has none. */
export function faultyCounter({ fault, value }: { readonly fault: Fault; readonly value: number }): AnyModel {
  const model: Model<Counter, null> = {
    name: "counter",
    schema: struct({ low: int(0, 99), high: int(0, 199) }),
    context: null,
    view: (state) => state,
    properties: [],
    actions: [
      action("count", {}, (state: Counter) => {
        if (state.high === 199 && (state.low === 99 || fault === "step")) {
          return false;
        }
        if (!isMainThread && fault === "step") {
          state.high += 1;
          return true;
        }
        if (!isMainThread && state.high * 100 + state.low === value) {
          fail(fault);
        }
        state.high += state.low === 99 ? 1 : 0;
        state.low = (state.low + 1) % 100;
        return true;
      }),
      action("skip", {}, (state: Counter) => {
        if (state.high === 199) {
          return false;
        }
        state.high += 1;
        return true;
      }),
    ],
  };
  return model as unknown as AnyModel;
}

function fail(fault: Fault): void {
  switch (fault) {
    case "exit":
      process.exit(7);
      break;
    case "exception":
      throw new Error("in the worker only");
    case "step":
    case "none":
      break;
  }
}
