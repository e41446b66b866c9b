/**
 * Requires a kernel source tree (FOLIOCHECK_KERNEL_TREE). Renaming of processes, ids and contents in states of its
 * image.
 */
import { describe, expect, test } from "vitest";
import type { Machine } from "../../../explore/model/machine.ts";
import { compile } from "../../../explore/search/compile.ts";
import { imageMachine } from "../../../gate/image/machine/image-machine.ts";
import { parseConfig } from "../../../model/kernel/config.ts";
import { kernelOf } from "../../../verify/request/kernel-choice.ts";
import { TREE, treeImage } from "./tree-image.ts";

async function machineOf(config: string, bounds: Record<string, number>): Promise<Machine> {
  const { build } = imageMachine(await treeImage(config));
  return compile(build({ pages: 8, lockstep: 0, ...bounds }, kernelOf("v6.15", parseConfig(config))));
}

/** Returns the numbers of canonical states, in breadth-first order. */
function statesOf({ memory, actions, canonicalizeInSteps, loadInitial }: Machine, most: number): number[] {
  canonicalizeInSteps?.(true);
  loadInitial(0);
  const states = new Set([memory[0] as number]);
  for (const state of states) {
    for (const { apply, instances } of actions) {
      for (let instance = 0; instance < instances && states.size < most; instance++) {
        memory[0] = state;
        if (apply(instance)) {
          states.add(memory[0] as number);
        }
      }
    }
  }
  return [...states];
}

const PERMUTATIONS = [0, 1, 2, 3, 4, 5];

describe.skipIf(TREE === "")("the canonical form of a state", () => {
  test.each([
    ["page-mapcount,32bit,mm-id", { mms: 2, split: 1, migrate: 1 }],
    ["no-page-mapcount,64bit,mm-id", { mms: 3, split: 1, migrate: 1, free: 1 }],
    ["page-mapcount,32bit,no-mm-id", { mms: 3, migrate: 1, protect: 1 }],
  ])(
    "the canonical form of a state does not depend on the numbers of processes: %s",
    { timeout: 300_000 },
    async (config, bounds) => {
      const machine = await machineOf(config, bounds);
      const { memory, rename, canonicalize } = machine;
      const renamed = new Map<number, number>();
      for (const state of statesOf(machine, 4_000)) {
        for (const permutation of PERMUTATIONS) {
          memory[0] = state;
          rename?.(permutation);
          const other = memory[0];
          canonicalize?.();
          expect(memory[0]).toBe(state);
          expect(renamed.get(other) ?? state).toBe(state);
          renamed.set(other, state);
        }
      }
      expect(renamed.size).toBeGreaterThan(6_000);
    },
  );
});
