/**
 * Elements that refer to their own scalarset: processes, each of which waits for one process (itself included) or for
 * none. All (n + 1)^n partial functions are reachable; up to renaming there are 1, 2, 6, 16, 45, 121 … (OEIS A126285).
 */
import { action, always, type Model } from "../../explore/model/model.ts";
import { array, at, ref, type StructField, self, struct } from "../../explore/model/schema.ts";

const schemaOf = (count: number): StructField<Followers> =>
  struct({
    processes: array(struct({ number: self(), waitsFor: ref("process", count) }), count, { symmetric: "process" }),
  });

export interface Followers {
  readonly processes: readonly { readonly number: number; waitsFor: number }[];
}

/** @param options.claimAcyclic adds the false claim that no two processes wait for each other */
export function followers(count: number, options: { readonly claimAcyclic?: boolean } = {}): Model<Followers, null> {
  const process = Array.from({ length: count }, (_, i) => i);
  const acyclic = always<Followers>({
    id: "acyclic",
    claim: "No two processes wait for each other",
    source: "the model's author",
    holds: ({ processes }) =>
      !processes.some(
        (each) =>
          each.waitsFor !== 0 &&
          each.waitsFor !== each.number &&
          at(processes, each.waitsFor - 1).waitsFor === each.number,
      ),
  });
  return {
    name: `${count} processes that wait${options.claimAcyclic ? ", claimed acyclic" : ""}`,
    schema: schemaOf(count),
    context: null,
    view: (state) => state,
    actions: [
      action("waitFor", { process, other: process }, ({ processes }: Followers, _, parameters) => {
        at(processes, parameters.process).waitsFor = at(processes, parameters.other).number;
        return true;
      }),
      action("goOn", { process }, ({ processes }: Followers, _, parameters) => {
        const who = at(processes, parameters.process);
        if (who.waitsFor === 0) {
          return false;
        }
        who.waitsFor = 0;
        return true;
      }),
    ],
    properties: options.claimAcyclic ? [acyclic] : [],
  };
}
