/**
 * Checks that free and folio split of a tree warn of a damaged struct page, for example one that was never initialised
 * (C22). The tree's compiled functions replace the model's on machine `bad-page`. Without a warning, the page reaches
 * its next user with the damage.
 */

import { initialValue } from "../../../explore/model/json.ts";
import type { ActionCall } from "../../../explore/model/model.ts";
import { type BadPageWorld, badPage } from "../../../machines/bad-page.ts";
import type { Kernel } from "../../../model/kernel/kernel.ts";
import { mayWarnOnFree, mayWarnOnSplit } from "../../../model/kernel/page-damage.ts";
import { Warnings, warningName } from "../../../model/kernel/warnings.ts";
import type { StructPageFault } from "../layout-fault.ts";
import type { RunningFunctions } from "./block-functions.ts";
import { MOST_BLOCK_PAGES } from "./harness.ts";
import type { LocatedStructPageFault } from "./struct-page-fault.ts";

/** Actions of the machine that damage a struct page, with the function that each runs. */
const RUNS: ReadonlyMap<string, "free" | "split"> = new Map([
  ["freeDamaged", "free"],
  ["splitDamaged", "split"],
]);

/**
 * Compares the functions of a tree with the model's for every damage of every page, in folios of up to MOST_BLOCK_PAGES
 * pages.
 *
 * @throws RuntimeError of WebAssembly if a call was stopped
 */
export function damageFaults(functions: RunningFunctions, base: Kernel): readonly LocatedStructPageFault[] {
  /** Outcome of the last call: whether the tree warned, whether it may, and the code of the model's warning or 0. */
  let last = { warned: false, mayWarn: false, inModel: 0 };
  const log = new Warnings();
  const kernel: Kernel = {
    ...base,
    freeDamagedPages(folio, damage, page) {
      const warned = functions.freeDamaged(Math.log2(folio.nrPages), damage, page);
      const mayWarn = mayWarnOnFree(folio, damage);
      base.freeDamagedPages.call(this, folio, damage, page);
      last = { warned, mayWarn, inModel: log.first };
    },
    splitDamagedPages(folio, damage, page) {
      const warned = functions.splitDamaged(Math.log2(folio.nrPages), damage, page);
      base.splitDamagedPages.call(this, folio, damage, page);
      last = { warned, mayWarn: mayWarnOnSplit(damage), inModel: log.first };
    },
  };
  const model = badPage({ pages: MOST_BLOCK_PAGES }, kernel, log);
  const world = initialValue(model.schema) as BadPageWorld;
  return model.actions.flatMap(({ name, choices, recipe }) => {
    const by = RUNS.get(name);
    return by === undefined
      ? []
      : choices.flatMap((parameters): LocatedStructPageFault[] => {
          recipe(world, model.context, parameters as never);
          const { warned, mayWarn, inModel } = last;
          const step: ActionCall = { action: name, parameters };
          return mayWarn || warned === (inModel !== 0)
            ? []
            : [{ fault: faultOf(step, functions[by].names[0] ?? "", inModel), by: functions[by] }];
        });
  });
}

function faultOf(step: ActionCall, name: string, inModel: number): StructPageFault {
  const missing = inModel === 0 ? {} : { missing: warningName(inModel) ?? ("unknown" as const) };
  return { kind: "damaged-page", steps: [step], function: name, ...missing };
}
