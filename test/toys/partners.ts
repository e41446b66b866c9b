/**
 * Two scalarsets that refer to each other: dancers of two groups, each facing one dancer of the other group or none.
 */
import { action, type Model, sometimes } from "../../explore/model/model.ts";
import { array, at, ref, type StructField, self, struct } from "../../explore/model/schema.ts";

const schemaOf = (leads: number, follows: number): StructField<Partners> =>
  struct({
    leads: array(struct({ number: self(), looksAt: ref("follow", follows) }), leads, { symmetric: "lead" }),
    follows: array(struct({ number: self(), looksAt: ref("lead", leads) }), follows, { symmetric: "follow" }),
  });

interface Dancer {
  readonly number: number;
  looksAt: number;
}

export interface Partners {
  readonly leads: readonly Dancer[];
  readonly follows: readonly Dancer[];
}

/** All (follows + 1)^leads × (leads + 1)^follows states are reachable. */
export function partners(leads: number, follows: number): Model<Partners, null> {
  const lead = Array.from({ length: leads }, (_, i) => i);
  const follow = Array.from({ length: follows }, (_, i) => i);
  return {
    name: `${leads} leads and ${follows} follows`,
    schema: schemaOf(leads, follows),
    context: null,
    view: (state) => state,
    actions: [
      action("leadLooks", { lead, follow }, (state: Partners, _, parameters) => {
        at(state.leads, parameters.lead).looksAt = at(state.follows, parameters.follow).number;
        return true;
      }),
      action("leadLooksAway", { lead }, (state: Partners, _, parameters) => {
        at(state.leads, parameters.lead).looksAt = 0;
        return true;
      }),
      action("followLooks", { follow, lead }, (state: Partners, _, parameters) => {
        at(state.follows, parameters.follow).looksAt = at(state.leads, parameters.lead).number;
        return true;
      }),
      action("followLooksAway", { follow }, (state: Partners, _, parameters) => {
        at(state.follows, parameters.follow).looksAt = 0;
        return true;
      }),
    ],
    properties: [
      sometimes({
        id: "couple",
        claim: "Two dancers can look at each other",
        source: "the model's author",
        reached: (state) =>
          state.leads.some((each) => each.looksAt !== 0 && at(state.follows, each.looksAt - 1).looksAt === each.number),
      }),
    ],
  };
}
