/**
 * Elements wider than a word, with references to them from outside. Every combination is reachable: 6 values per account
 * and, for each of two references, one of the accounts or none.
 *
 * With 3 accounts: 6³ × 4² = 3,456 states. Up to renaming, by Burnside's lemma: the identity fixes 3,456; each of 3
 * swaps fixes 6² × 2² = 144 (both references are none or the third account); each of 2 rotations fixes 6 × 1. In all
 * (3,456 + 3 × 144 + 2 × 6) ÷ 6 = 650.
 */
import { action, alwaysStep, type Model, sometimes } from "../../explore/model/model.ts";
import { array, at, int, ref, type StructField, self, struct } from "../../explore/model/schema.ts";

const schemaOf = (count: number): StructField<Accounts> =>
  struct({
    audited: ref("account", count),
    accounts: array(struct({ number: self(), balance: int(-30000, 30000, 0), limit: int(0, 50000) }), count, {
      symmetric: "account",
    }),
    preferred: ref("account", count),
  });

export interface Accounts {
  audited: number;
  readonly accounts: readonly { readonly number: number; balance: number; limit: number }[];
  preferred: number;
}

export function accounts(count: number): Model<Accounts, null> {
  const account = Array.from({ length: count }, (_, i) => i);
  return {
    name: `${count} accounts`,
    schema: schemaOf(count),
    context: null,
    view: (state) => state,
    actions: [
      action("book", { account }, (state: Accounts, _, parameters) => {
        const which = at(state.accounts, parameters.account);
        which.balance = which.balance === 0 ? 30000 : which.balance === 30000 ? -30000 : 0;
        return true;
      }),
      action("changeLimit", { account }, (state: Accounts, _, parameters) => {
        const which = at(state.accounts, parameters.account);
        which.limit = 50000 - which.limit;
        return true;
      }),
      action("audit", { account }, (state: Accounts, _, parameters) => {
        const which = at(state.accounts, parameters.account);
        state.audited = state.audited === which.number ? 0 : which.number;
        return true;
      }),
      action("prefer", { account }, (state: Accounts, _, parameters) => {
        const which = at(state.accounts, parameters.account);
        state.preferred = state.preferred === which.number ? 0 : which.number;
        return true;
      }),
    ],
    properties: [
      alwaysStep({
        id: "one-booking",
        claim: "A step that changes a limit changes no balance",
        source: "the model's author",
        when: (before, after) => before.accounts.some((each, i) => each.limit !== at(after.accounts, i).limit),
        holds: (before, after) => before.accounts.every((each, i) => each.balance === at(after.accounts, i).balance),
      }),
      sometimes({
        id: "broke-and-preferred",
        claim: "The preferred account can be the audited one, with a negative balance and no limit",
        source: "the model's author",
        reached: (state) => {
          const { preferred } = state;
          return (
            preferred !== 0 &&
            preferred === state.audited &&
            at(state.accounts, preferred - 1).balance < 0 &&
            at(state.accounts, preferred - 1).limit === 0
          );
        },
      }),
    ],
  };
}
