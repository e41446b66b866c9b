/** Machines of the playground. */
import { MACHINES } from "../../machines/index.ts";
import type { MachineDefinition } from "../../machines/machine.ts";

/** Machines whose steps are whole operations. Interleaved accesses are explored by `foliocheck race`. */
export const PLAYGROUND_MACHINES: readonly MachineDefinition[] = MACHINES.filter(
  ({ interleaving }) => interleaving === undefined,
);
