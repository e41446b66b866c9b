/**
 * Two-phase commit as in Gray & Lamport, "Consensus on Transaction Commit", in the message-set form of Stateright's
 * `2pc` example. Published counts: 288 states with 3 resource managers and 8,832 with 5.
 */
import { action, always, type Model, sometimes } from "../../explore/model/model.ts";
import { array, at, bool, int, type StructField, struct } from "../../explore/model/schema.ts";

const schemaOf = (rms: number): StructField<TwoPhaseCommit> =>
  struct({
    rms: array(struct({ state: int(0, 3), tmPrepared: bool(), preparedSent: bool() }), rms, { symmetric: "rm" }),
    tm: int(0, 2),
    commitSent: bool(),
    abortSent: bool(),
  });

export interface TwoPhaseCommit {
  readonly rms: readonly { state: number; tmPrepared: boolean; preparedSent: boolean }[];
  tm: number;
  commitSent: boolean;
  abortSent: boolean;
}

/** States of a resource manager. */
export const Rm = { working: 0, prepared: 1, committed: 2, aborted: 3 } as const;
const Tm = { init: 0, committed: 1, aborted: 2 } as const;

export interface TwoPhaseCommitOptions {
  /** The transaction manager commits before all resource managers are prepared. */
  readonly hastyCommit?: boolean;
}

export function twoPhaseCommit(count: number, options: TwoPhaseCommitOptions = {}): Model<TwoPhaseCommit, null> {
  const rm = Array.from({ length: count }, (_, i) => i);
  const { hastyCommit = false } = options;
  return {
    name: hastyCommit ? `hasty two-phase commit of ${count}` : `two-phase commit of ${count}`,
    schema: schemaOf(count),
    context: null,
    view: (state) => state,
    actions: [
      action("tmCommit", {}, (state: TwoPhaseCommit) => {
        if (state.tm !== Tm.init || !(hastyCommit || state.rms.every((each) => each.tmPrepared))) {
          return false;
        }
        state.tm = Tm.committed;
        state.commitSent = true;
        return true;
      }),
      action("tmAbort", {}, (state: TwoPhaseCommit) => {
        if (state.tm !== Tm.init) {
          return false;
        }
        state.tm = Tm.aborted;
        state.abortSent = true;
        return true;
      }),
      action("tmReceivePrepared", { rm }, (state: TwoPhaseCommit, _, { rm }) => {
        const manager = at(state.rms, rm);
        if (state.tm !== Tm.init || !manager.preparedSent) {
          return false;
        }
        manager.tmPrepared = true;
        return true;
      }),
      action("rmPrepare", { rm }, (state: TwoPhaseCommit, _, { rm }) => {
        const manager = at(state.rms, rm);
        if (manager.state !== Rm.working) {
          return false;
        }
        manager.state = Rm.prepared;
        manager.preparedSent = true;
        return true;
      }),
      action("rmChooseToAbort", { rm }, (state: TwoPhaseCommit, _, { rm }) => {
        const manager = at(state.rms, rm);
        if (manager.state !== Rm.working) {
          return false;
        }
        manager.state = Rm.aborted;
        return true;
      }),
      action("rmReceiveCommit", { rm }, (state: TwoPhaseCommit, _, { rm }) => {
        if (!state.commitSent) {
          return false;
        }
        at(state.rms, rm).state = Rm.committed;
        return true;
      }),
      action("rmReceiveAbort", { rm }, (state: TwoPhaseCommit, _, { rm }) => {
        if (!state.abortSent) {
          return false;
        }
        at(state.rms, rm).state = Rm.aborted;
        return true;
      }),
    ],
    properties: [
      always({
        id: "consistent",
        claim: "No resource manager has committed while another has aborted",
        source: "Consensus on Transaction Commit, TCConsistent",
        holds: ({ rms }) =>
          !(rms.some((each) => each.state === Rm.committed) && rms.some((each) => each.state === Rm.aborted)),
      }),
      sometimes({
        id: "all-commit",
        claim: "All resource managers can commit",
        source: "Stateright, examples/2pc.rs",
        reached: ({ rms }) => rms.every((each) => each.state === Rm.committed),
      }),
      sometimes({
        id: "all-abort",
        claim: "All resource managers can abort",
        source: "Stateright, examples/2pc.rs",
        reached: ({ rms }) => rms.every((each) => each.state === Rm.aborted),
      }),
    ],
  };
}
