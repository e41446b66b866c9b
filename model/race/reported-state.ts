/** States of the race machine for reports, in which a CPU is described by its operation. */
import { formatCall } from "../../explore/model/action-call.ts";
import { IDLE } from "../../races/access-tree.ts";
import type { CpuState, RaceEngine, RaceState } from "../../races/race-model.ts";
import type { RaceWorld } from "./race-world.ts";
import { bufferedStores, nextAccess, overwrittenValues, type RaceAccess } from "./step-access.ts";

/** CPU of a reported state. */
export interface ReportedCpu {
  /** Operation as a call with its arguments; empty if the CPU is idle. */
  readonly executes: string;
  /** Next access; absent if there is none. */
  readonly next?: RaceAccess;
  /** Stores that have not reached memory, the oldest first. */
  readonly buffer: readonly { readonly path: string; readonly value: number }[];
}

/** Converts a state to one without positions in access trees, whose numbers depend on the order of the search. */
export function reportedState(engine: RaceEngine<RaceWorld>, state: RaceState<RaceWorld>): object {
  const { cpus, history, fenced: _, ...world } = state;
  return {
    ...world,
    cpus: cpus.map((own) => reportedCpu(engine, own)),
    ...(history.length > 0 ? { overwritten: overwrittenValues(engine.cells, state) } : {}),
  };
}

function reportedCpu({ trees, templates, cells }: RaceEngine<RaceWorld>, own: CpuState): ReportedCpu {
  const buffer = bufferedStores(cells, own);
  if (own.node === IDLE) {
    return { executes: "", buffer };
  }
  const node = trees.node(own.node);
  const { operation, parameters } = templates[node.program] as (typeof templates)[number];
  const roles = operation.roles.map((role, i) => [role, (own[`role${i as 0}`] as number) - 1]);
  const next = nextAccess(node, own, cells);
  return {
    executes: formatCall({ action: operation.name, parameters: { ...Object.fromEntries(roles), ...parameters } }),
    ...(next === undefined ? {} : { next }),
    buffer,
  };
}
