/** Kernel functions as threads of machine race, executed sequentially, with a log of their accesses. */

import {
  describeRaceField,
  fixedRaceField,
  isPageTableEntry,
  type RaceBounds,
  type RaceWorld,
  raceWorldSchema,
} from "../../../model/race/race-world.ts";
import type { Access, Memory, Port } from "../../../races/access.ts";
import { Cells, StateMemory } from "../../../races/cells.ts";
import { sharedState, ThreadPort } from "../../../races/shared-object.ts";
import type { LoggedAccess } from "./compare-accesses.ts";

/** The shared memory of machine race, with a port that performs every access immediately. */
export interface RacingMemory {
  readonly cells: Cells;
  readonly port: ThreadPort;
  /** The state as an object whose fields are accessed through the port. */
  readonly shared: RaceWorld;
  /** Returns the accesses since the last call. */
  readonly taken: () => readonly LoggedAccess[];
  readonly setState: (state: unknown) => void;
}

/** Creates the shared memory. MM 1 and MM 2 have the two roles of an operation. */
export function racingMemory(bounds: RaceBounds): RacingMemory {
  const schema = raceWorldSchema(bounds, false);
  const cells = new Cells(schema, { scalarset: "mm", count: 2 });
  const memory = new StateMemory(cells);
  memory.assignment = { role0: 1, role1: 2 };
  const log = new Log(memory);
  const port = new ThreadPort(log, isPageTableEntry);
  return {
    cells,
    port,
    shared: sharedState<RaceWorld>({ schema, cells, describe: describeRaceField, port, fixed: fixedRaceField(bounds) }),
    taken: () => {
      port.flush();
      return log.accesses.splice(0);
    },
    setState: (state) => {
      memory.state = state;
    },
  };
}

class Log implements Port {
  readonly accesses: LoggedAccess[] = [];
  private readonly functions: string[] = [];
  private readonly memory: Memory;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  access(access: Access): number {
    this.accesses.push({ access, functions: [...this.functions] });
    return access.perform(this.memory);
  }

  enter(name: string): void {
    this.functions.push(name);
  }

  leave(_result: number | string): void {
    this.functions.pop();
  }
}
