/** The part of a gate that one shard has. */
import type { KernelConfig } from "../../model/kernel/config.ts";
import { costKey, costsOf } from "../../verify/shard/costs.ts";
import { type Shard, shardsOf } from "../../verify/shard/shard.ts";
import type { Optimisation } from "../compile/clang.ts";
import { IMAGE_BOUNDS, IMAGE_MACHINE } from "../image/world/image-bounds.ts";
import type { GateConfiguration } from "../tree/configuration.ts";
import { gateConfig } from "../unit/configurations.ts";
import type { HasRun } from "./explore-units.ts";
import { GATE_COSTS, IMAGE_BUILD_COST, LAYOUT_COST, PROOF_COST } from "./gate-costs.ts";
import { hasImage, imageBounds, includesImages } from "./image-plan.ts";
import type { RunMode } from "./outcome.ts";
import { type PlannedRun, plannedRuns } from "./plan.ts";
import type { GateRequest } from "./request.ts";

/** The part of a gate that a shard does. */
export interface GateShard {
  readonly hasRun: HasRun;
  readonly hasImageOf: (configuration: GateConfiguration) => boolean;
  readonly hasLayout: boolean;
  readonly hasProof: boolean;
}

/** Part of a gate that is in one shard as a whole. */
interface Item {
  /** Identity of the run; equal for runs that are compared with each other. */
  readonly id: string;
  readonly cost: number;
}

/** Items that are no runs of units. */
const LAYOUT = "layout";
const PROOF = "proof";
const imageId = (configuration: GateConfiguration): string => JSON.stringify([IMAGE_MACHINE, configuration]);

/**
 * Returns the part of a shard. All runs on one mm image are in one shard, because its build takes as long as they do,
 * and so are runs of the same race at two optimisation levels, because they are compared.
 *
 * @param configurations those that the tree has, in the order of the units
 */
export function gateShard(
  configurations: readonly GateConfiguration[],
  request: GateRequest,
  { number, count }: Shard,
): GateShard {
  const runs = configurations.map((each) => plannedRuns(gateConfig(each), request));
  const costs = new Map<string, number>();
  for (const { id, cost } of [
    ...runs.flatMap((each, unit) => runItems(each, unit, gateConfig(configurations[unit] as GateConfiguration))),
    ...(includesImages(request) ? configurations.filter(hasImage).map((each) => imageItem(each, request)) : []),
    { id: LAYOUT, cost: LAYOUT_COST },
    { id: PROOF, cost: PROOF_COST * configurations.filter(({ mmId }) => mmId).length },
  ]) {
    costs.set(id, (costs.get(id) ?? 0) + cost);
  }
  const shards = shardsOf([...costs.values()], count);
  const own = new Set([...costs.keys()].filter((_, i) => shards[i] === number));
  return {
    hasRun: (unit, position) => {
      const run = runs[unit]?.[position];
      return run !== undefined && own.has(runId(run, unit));
    },
    hasImageOf: (configuration) => own.has(imageId(configuration)),
    hasLayout: own.has(LAYOUT),
    hasProof: own.has(PROOF),
  };
}

function runItems(runs: readonly PlannedRun[], unit: number, config: KernelConfig): Item[] {
  const costs = costsOf(
    runs.map((run) => gateCostKey(run, run.mode, config)),
    GATE_COSTS,
  );
  return runs.map((run, i) => ({ id: runId(run, unit), cost: costs[i] as number }));
}

function runId({ machine, bounds, calls, symmetry, mode }: PlannedRun, unit: number): string {
  return JSON.stringify([unit, machine, bounds, calls, symmetry, mode]);
}

function imageItem(configuration: GateConfiguration, request: GateRequest): Item {
  const config = gateConfig(configuration);
  const keys = imageBounds(request).map((bounds) => gateCostKey({ machine: IMAGE_MACHINE, bounds }, "image", config));
  const cost = costsOf(keys, GATE_COSTS).reduce((sum, each) => sum + each, IMAGE_BUILD_COST);
  return { id: imageId(configuration), cost };
}

const USUAL: ReadonlyMap<string, number> = new Map(IMAGE_BOUNDS.map(({ name, default: usual }) => [name, usual]));

/** Whether a bound of an image is in the key of its costs: a value other than the default, but for lockstep. */
function isNotUsual([name, value]: readonly [string, number]): boolean {
  return name !== "lockstep" && value !== USUAL.get(name);
}

/**
 * Returns the key of a run in the table of costs. Of the configuration, page mapcounts alone matter: the others change
 * offsets, and the number of accesses a little.
 */
export function gateCostKey(
  { machine, bounds, optimisation }: Pick<PlannedRun, "machine" | "bounds"> & { readonly optimisation?: Optimisation },
  mode: RunMode,
  { pageMapcount }: Pick<KernelConfig, "pageMapcount">,
): string {
  const config = pageMapcount ? "page-mapcount" : "no-page-mapcount";
  const own = mode === "image" ? Object.fromEntries(Object.entries(bounds).filter(isNotUsual)) : bounds;
  return [costKey({ machine, config, bounds: own }), mode, ...(optimisation === "-O2" ? [optimisation] : [])].join(
    ", ",
  );
}
