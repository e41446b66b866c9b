/** Instant claims are evaluated only after steps that change their declared fields: they must read no others. */
import { describe, expect, test } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import type { Property } from "../../explore/model/model.ts";
import { at } from "../../explore/model/schema.ts";
import { refcountAlwaysCovers, writableIsMappedOnce } from "../../invariants/races.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import { rfc_2026_04 } from "../../model/kernels/rfc-2026-04.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import { type RaceView, raceMachine } from "../../model/race/race.ts";
import { NO_REDUCTIONS } from "./explore-races.ts";

const STATES = 300;

/** A proxy of an object that reports reads of numbers and flags. */
function traced<T extends object>(object: T, path: string, onRead: (path: string) => void): T {
  return new Proxy(object, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      const own = Array.isArray(target)
        ? `${path}[${String(name)}]`
        : `${path}${path === "" ? "" : "."}${String(name)}`;
      if (typeof value === "object" && value !== null) {
        return traced(value, own, onRead);
      }
      if (typeof value === "number" || typeof value === "boolean") {
        onRead(own);
      }
      return value;
    },
  });
}

/** The fields that a property reads in some states of a machine. */
function readBy(property: Property<RaceView>, pages: number, kernel: ReturnType<typeof v7_1>): Set<string> {
  const bounds = { cpus: 2, pages, mms: 2, pmd: pages === 1 ? 0 : 1, stats: 0 };
  const model = raceMachine("race", bounds, kernel, { memoryModel: "sc", reductions: NO_REDUCTIONS }, []);
  const interpreter = interpret(model);
  const read = new Set<string>();
  const calls = model.actions.flatMap(({ name, choices }) =>
    choices.map((parameters) => ({ action: name, parameters })),
  );
  let state = at(interpreter.initialStates, 0);
  for (let i = 0, next = 1; i < STATES; next = (next * 48_271) % 2_147_483_647) {
    const outcome = interpreter.attempt(state, at(calls, next % 3 === 0 ? next % calls.length : next % 2));
    if (!outcome.enabled) {
      continue;
    }
    state = outcome.state;
    i += 1;
    if (property.kind === "always") {
      property.holds({
        world: traced(structuredClone(state) as object, "", (path) => read.add(path)),
        kernel,
      } as unknown as RaceView);
    }
  }
  return read;
}

const isFixed = (path: string): boolean => /(?:\[length\]|nrPages|frameNumber|idNumber)$/.test(path);

describe.each([refcountAlwaysCovers, writableIsMappedOnce])("$id", (property) => {
  const { reads = () => false } = property as { readonly reads?: (path: string) => boolean };

  test.each([
    [1, v7_1],
    [2, v7_1],
    [2, rfc_2026_04],
  ])("the property reads only its declared fields, with %i pages (kernel %#)", (pages, kernel) => {
    const read = [...readBy(property, pages, kernel(parseConfig("no-page-mapcount")))].filter((path) => !isFixed(path));
    expect(read.length).toBeGreaterThan(1);
    expect(read.filter((path) => !reads(path))).toEqual([]);
  });
});
