import { describe, expect, it } from "vitest";
import { compile } from "../../explore/search/compile.ts";
import { search } from "../../explore/search/search.ts";
import type { Bounds } from "../../machines/machine.ts";
import { exploreNaively } from "../toys/naive-explorer.ts";
import { freshKernel, kernelIn, rmapSubject, worldSubject } from "./session.ts";
import { TINY_WORLDS, type TinyWorld } from "./tiny-worlds.ts";

const rmaps: readonly Omit<TinyWorld, "scope">[] = [
  { bounds: { pages: 2, mms: 2 }, config: "page-mapcount" },
  { bounds: { pages: 2, mms: 2 }, config: "no-page-mapcount" },
  { bounds: { pages: 2, minPages: 2, mms: 2, anon: 0, file: 1 }, config: "no-mm-id" },
  { bounds: { pages: 2, minPages: 2, mms: 1, anon: 0, file: 2 }, config: "32bit,mm-id-mapcount-max=1" },
  { bounds: { pages: 2, minPages: 2, mms: 3 }, config: "32bit" },
  { bounds: { pages: 1, mms: 2, folios: 2, file: 1 }, config: "page-mapcount" },
];

const sound: readonly TinyWorld[] = [...rmaps.map((each) => ({ ...each, scope: "rmap" })), ...TINY_WORLDS];

const faulty: readonly { readonly bounds: Bounds; readonly config: string; readonly kernel: string }[] = [
  { bounds: { pages: 2, mms: 2 }, config: "", kernel: "slot-freed-with-id" },
  { bounds: { pages: 2, minPages: 2, mms: 3 }, config: "", kernel: "single-mapping-rule-dropped" },
  { bounds: { pages: 4, minPages: 4, mms: 1 }, config: "", kernel: "free-while-queued" },
  { bounds: { pages: 2, mms: 2 }, config: "", kernel: "free-keeps-exclusive" },
];

describe.each([{ symmetry: false }, { symmetry: true }])(
  "The search and the naive explorer agree, with symmetry: $symmetry",
  ({ symmetry }) => {
    it.each(sound)("$scope at $bounds in $config: states, transitions and verdicts", ({ scope, bounds, config }) => {
      const { model } = worldSubject(scope, bounds, config, freshKernel(config));
      const naive = exploreNaively(model, { upToRenaming: symmetry });
      const ours = search(compile(model), { symmetry });
      expect(ours.outcome).toBe("exhausted");
      expect([ours.states, ours.transitions, ours.depth]).toEqual([naive.states, naive.transitions, naive.depth]);
      expect(ours.properties.map(({ id, verdict }) => [id, verdict])).toEqual(
        naive.properties.map(({ id, verdict }) => [id, verdict]),
      );
      const checked = (kind: string): boolean => kind === "always" || kind === "always-step" || kind === "warning";
      ours.properties.forEach((property, p) => {
        if (checked(property.kind)) {
          expect(property.checked, property.id).toBe(naive.properties[p]?.checked);
        }
      });
      for (const { property, path } of ours.witnesses) {
        expect(path.steps.length).toBe(naive.properties[property]?.shortest);
      }
    });
  },
);

describe("The search and the naive explorer agree on the shortest counterexample", () => {
  it.each(faulty)(
    "The search and the naive explorer agree on the shortest counterexample of $kernel",
    ({ bounds, config, kernel }) => {
      const { model } = rmapSubject(bounds, config, kernelIn(config, kernel));
      const naive = exploreNaively(model);
      const lengths = naive.properties.flatMap(({ verdict, shortest }) =>
        verdict === "violated" ? [shortest ?? 0] : [],
      );
      const shortest = Math.min(...lengths);
      expect(shortest).toBeGreaterThan(0);
      const { violations } = search(compile(model), { symmetry: true });
      expect(violations.length).toBeGreaterThan(0);
      for (const { property, path } of violations) {
        expect(path.steps).toHaveLength(shortest);
        expect(naive.properties[property]?.verdict).toBe("violated");
      }
    },
  );
});
