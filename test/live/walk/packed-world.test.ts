import { describe, expect, test } from "vitest";
import { planLive } from "../../../live/run/live-report.ts";
import { PackedWorld, type WorldModel } from "../../../live/walk/packed-world.ts";
import { liveModel } from "../../../live/walk/scopes.ts";
import type { World } from "../../../model/state/world.ts";
import { resolve } from "../../../verify/job/job.ts";
import { TINY } from "../simulated-walk.ts";

const { definition, job, kernel } = resolve({ machine: "cow", bounds: TINY });
const model = liveModel(definition, job.bounds, kernel);

describe("a packed world", () => {
  test("indexOf() finds calls, independent of the order of parameters", () => {
    const machine = new PackedWorld(model);
    const index = machine.indexOf({ action: "fork", parameters: { parent: 0, child: 1 } });
    expect(machine.calls[index]).toMatchObject({ action: "fork", parameters: { parent: 0, child: 1 } });
    expect(machine.indexOf({ action: "fork", parameters: { child: 1, parent: 0 } })).toBe(index);
    expect(machine.indexOf({ action: "fork", parameters: { parent: 0, child: 2 } })).toBe(-1);
  });

  test("a call that is not enabled does not change the packed state", () => {
    const machine = new PackedWorld(model);
    const before = machine.memory.slice();
    expect(machine.apply(machine.indexOf({ action: "newMm", parameters: { mm: 0 } }))).toBe(false);
    expect(machine.memory).toEqual(before);
    expect(machine.exceededRange).toBe(false);
  });

  test("a call that exceeds the range of a field does not change the packed state, and sets exceededRange", () => {
    const action = model.actions.find(({ name }) => name === "exit");
    const faulty = {
      ...action,
      recipe: (world: World) => {
        world.stats.nrAnonMapped += 1;
        world.stats.nrAnonMapped = 1e6;
        return true;
      },
    };
    const machine = new PackedWorld({ ...model, actions: [faulty] } as unknown as WorldModel);
    const before = machine.memory.slice();
    expect(machine.apply(0)).toBe(false);
    expect(machine.memory).toEqual(before);
    expect(machine.exceededRange).toBe(true);
  });

  test("transitions have the same form exactly if they differ by renaming only", () => {
    const machine = new PackedWorld(liveModel(definition, { ...job.bounds, mms: 3 }, kernel));
    const formOf = (parameters: { readonly [name: string]: number }): string => {
      machine.loadInitial();
      const pair = new Int32Array(machine.words + 1);
      machine.saveTransition(machine.indexOf({ action: "fork", parameters }), pair);
      return pair.subarray(0, machine.words).join();
    };
    expect(formOf({ parent: 0, child: 1 })).toBe(formOf({ parent: 0, child: 2 }));
    expect(formOf({ parent: 0, child: 1 })).not.toBe(formOf({ parent: 1, child: 0 }));
    machine.loadInitial();
    machine.canonicalize();
    const unmarked = machine.memory.slice(0, machine.words).join();
    expect(formOf({ parent: 0, child: 1 })).not.toBe(unmarked);
  });
});

test("planLive() rejects PMDs, which map more pages on a running kernel", () => {
  expect(() => planLive({ scope: "anon", bounds: { pmd: 1 } })).toThrow("want pmd 0");
});
