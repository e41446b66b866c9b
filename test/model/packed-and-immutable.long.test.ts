import { describe, expect, it } from "vitest";
import { interpret } from "../../explore/model/interpreter.ts";
import { type ActionCall, formatCall } from "../../explore/model/model.ts";
import { compile } from "../../explore/search/compile.ts";
import type { Bounds } from "../../machines/machine.ts";
import type { View } from "../../model/environment/view.ts";
import * as fc from "../fast-check.ts";
import { encodingOf } from "../toys/random-schema.ts";
import { countsSubject, kernelIn, rmapSubject, type Subject, worldSubject } from "./session.ts";
import { TINY_WORLDS, type TinyWorld } from "./tiny-worlds.ts";

/** Outcome of one step, in a comparable form. */
interface Said {
  readonly call: string;
  readonly state?: unknown;
  readonly warning?: number;
  readonly answers?: readonly boolean[];
  readonly error?: string;
}

/** Two functions that take every step from a state: on packed memory, and on immutable states. */
function bothWays<S, V extends View>({ model }: Subject<S, V>) {
  const machine = compile(model);
  const interpreter = interpret(model);
  const { encode, decode } = encodingOf(model.schema);
  const { memory, words, warnings } = machine;
  const decided = machine.properties.filter((property) => property.kind !== "warning");

  const packed = (state: S): Said[] =>
    machine.actions.flatMap((table) =>
      Array.from({ length: table.instances }, (_, instance): Said[] => {
        const call = formatCall(table.call(instance));
        memory.set(encode(state));
        memory.set(encode(state), words);
        warnings.first = 0;
        try {
          if (!table.apply(instance)) {
            expect(decode(memory)).toEqual(state);
            return [];
          }
          const warning = warnings.first;
          machine.refresh();
          machine.refreshBefore();
          const answers = decided.map(
            (property) => property.evaluate() === (property.kind === "sometimes" || property.kind === "sometimes-step"),
          );
          return [{ call, state: decode(memory), warning, answers }];
        } catch (error) {
          return [{ call, error: (error as Error).name }];
        }
      }).flat(),
    );

  const properties = model.properties.flatMap(({ kind }, p) => (kind === "warning" ? [] : [p]));
  const immutable = (state: S): { readonly said: Said[]; readonly successors: S[] } => {
    const said: Said[] = [];
    const successors: S[] = [];
    for (const { name, choices } of model.actions) {
      for (const parameters of choices) {
        const call: ActionCall = { action: name, parameters };
        try {
          const outcome = interpreter.attempt(state, call);
          if (outcome.enabled) {
            const answers = properties.map((p) => interpreter.decides(p, state, outcome.state));
            said.push({ call: formatCall(call), state: outcome.state, warning: outcome.warning ?? 0, answers });
            successors.push(outcome.state);
          }
        } catch (error) {
          said.push({ call: formatCall(call), error: (error as Error).name });
        }
      }
    }
    return { said, successors };
  };
  return { packed, immutable, start: interpreter.initialStates[0] as S };
}

function expectAgreement<S, V extends View>(subject: Subject<S, V>, numRuns: number): void {
  const { packed, immutable, start } = bothWays(subject);
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 6, maxLength: 14 }), (choices) => {
      let state = start;
      for (const choice of choices) {
        const { said, successors } = immutable(state);
        expect(packed(state)).toEqual(said);
        if (successors.length === 0) {
          return;
        }
        state = successors[choice % successors.length] as S;
      }
    }),
    { numRuns },
  );
}

const rmaps: readonly { readonly bounds: Bounds; readonly config: string; readonly kernel?: string }[] = [
  { bounds: {}, config: "page-mapcount" },
  { bounds: { mms: 3, folios: 2 }, config: "no-page-mapcount" },
  { bounds: { pages: 2, mms: 3, anon: 0, file: 2, folios: 2 }, config: "32bit,mm-id-mapcount-max=1" },
  { bounds: { pages: 2, mms: 3, folios: 2, file: 1 }, config: "no-mm-id" },
  { bounds: { pages: 8, minPages: 4 }, config: "no-page-mapcount,32bit" },
  // Kernels that go wrong: warnings, violated claims and values out of range.
  { bounds: { folios: 2 }, config: "", kernel: "put-one-too-many" },
  { bounds: { file: 1 }, config: "", kernel: "id-freed-before-unmap" },
  { bounds: { mms: 3 }, config: "", kernel: "slot-freed-with-id" },
  { bounds: { pages: 2, mms: 3, anon: 0, file: 2 }, config: "32bit,mm-id-mapcount-max=1", kernel: "overflow-ignored" },
];

/** Larger than the tiny ones: walks do not visit everything anyway. */
const worlds: readonly TinyWorld[] = [
  { scope: "pmd", bounds: { file: 1, folios: 2, holders: 1 }, config: "no-page-mapcount" },
  { scope: "cow", bounds: { mms: 3, pmd: 1 }, config: "" },
  { scope: "mremap", bounds: {}, config: "no-page-mapcount" },
  { scope: "pins", bounds: { holders: 2, smallFolios: 4 }, config: "32bit" },
  { scope: "swap", bounds: { holders: 1, smallFolios: 3, pmd: 1 }, config: "" },
  { scope: "shmem", bounds: { holders: 1, mms: 3, file: 2 }, config: "" },
  { scope: "migration", bounds: { holders: 1, mms: 3 }, config: "no-page-mapcount" },
  { scope: "split", bounds: { holders: 1, mms: 3, smallFolios: 4 }, config: "" },
];

const counts: readonly { readonly bounds: Bounds; readonly config: string; readonly kernel?: string }[] = [
  { bounds: {}, config: "" },
  { bounds: { pages: 7, mms: 5 }, config: "32bit" },
  { bounds: { pages: 3, mms: 2 }, config: "no-page-mapcount" },
  { bounds: {}, config: "", kernel: "no-underflow-clamp" },
  { bounds: {}, config: "", kernel: "shared-never-cleared" },
];

describe("Packed drafts and immutable states agree on what is enabled, where it leads, properties and warnings", () => {
  it.each(rmaps)(
    "Packed drafts and immutable states agree on what is enabled, where it leads, properties and warnings: rmap at $bounds in $config $kernel",
    ({ bounds, config, kernel }) => {
      expectAgreement(rmapSubject(bounds, config, kernelIn(config, kernel)), 4);
    },
  );

  it.each([...TINY_WORLDS, ...worlds])(
    "Packed drafts and immutable states agree on what is enabled, where it leads, properties and warnings: $scope at $bounds in $config",
    ({ scope, bounds, config }) => {
      expectAgreement(worldSubject(scope, bounds, config), 3);
    },
  );

  it("Packed drafts and immutable states agree on what is enabled, where it leads, properties and warnings: rmap under a kernel with other counters", () => {
    const kernel = kernelIn("no-page-mapcount", "rfc-2026-04");
    expectAgreement(worldSubject("migration", { holders: 1 }, "no-page-mapcount", kernel), 4);
  });

  it.each(counts)(
    "Packed drafts and immutable states agree on what is enabled, where it leads, properties and warnings: owner-tracking at $bounds in $config $kernel",
    ({ bounds, config, kernel }) => {
      expectAgreement(countsSubject(bounds, config, kernelIn(config, kernel)), 8);
    },
  );
});
