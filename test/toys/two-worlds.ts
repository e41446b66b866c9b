/**
 * One scalarset in two arrays: a person has a part in each of two worlds. In each world a person is asleep or awake,
 * and one person, or none, is the host. Every combination is reachable: 4 states of a person and, for each of two
 * hosts, one of the people or none.
 *
 * With 3 people: 4³ × 4² = 1,024 states. Up to renaming, by Burnside's lemma: the identity fixes 1,024; each of 3 swaps
 * fixes 4² × 2² = 64 (each host is none or the third person); each of 2 rotations fixes 4 × 1. In all
 * (1,024 + 3 × 64 + 2 × 4) ÷ 6 = 204. If people could be renamed independently in the two worlds, there would be fewer.
 */
import { action, always, type Model, sometimes } from "../../explore/model/model.ts";
import { array, at, bool, ref, type StructField, self, struct } from "../../explore/model/schema.ts";

interface World {
  host: number;
  readonly people: readonly { readonly number: number; awake: boolean }[];
}

export interface TwoWorlds {
  readonly worlds: readonly World[];
}

export function twoWorlds(people: number): Model<TwoWorlds, null> {
  const person = Array.from({ length: people }, (_, i) => i);
  const world = struct({
    host: ref("person", people),
    people: array(struct({ number: self(), awake: bool() }), people, { symmetric: "person" }),
  });
  const schema: StructField<TwoWorlds> = struct({ worlds: array(world, 2) });
  return {
    name: `${people} people in two worlds`,
    schema,
    context: null,
    view: (state) => state,
    actions: [
      action("wakeOrSleep", { world: [0, 1], person }, (state: TwoWorlds, _, parameters) => {
        const who = at(at(state.worlds, parameters.world).people, parameters.person);
        who.awake = !who.awake;
        return true;
      }),
      action("inviteOrLeave", { world: [0, 1], person }, (state: TwoWorlds, _, parameters) => {
        const where = at(state.worlds, parameters.world);
        const { number } = at(where.people, parameters.person);
        where.host = where.host === number ? 0 : number;
        return true;
      }),
    ],
    properties: [
      always({
        id: "hosts-exist",
        claim: "A host is one of the people",
        source: "the model's author",
        holds: (state) => state.worlds.every(({ host }) => host <= people),
      }),
      sometimes({
        id: "dreaming-host",
        claim: "One person can be the host of both worlds, awake in the second only",
        source: "the model's author",
        reached: ({ worlds }) => {
          const [first, second] = [at(worlds, 0), at(worlds, 1)];
          return (
            first.host !== 0 &&
            first.host === second.host &&
            !at(first.people, first.host - 1).awake &&
            at(second.people, first.host - 1).awake
          );
        },
      }),
    ],
  };
}
