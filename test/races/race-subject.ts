/** The race machine of the model, without its properties, as a subject of these tests. */
import { at } from "../../explore/model/schema.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import { setPtes } from "../../model/kernel/pgtable.ts";
import { Warning } from "../../model/kernel/warnings.ts";
import { v7_1 } from "../../model/kernels/v7-1.ts";
import { raceOperations } from "../../model/race/operations.ts";
import {
  describeRaceField,
  fixedRaceField,
  isMapping,
  isPageTableEntry,
  type RaceBounds,
  type RaceWorld,
  raceWorldSchema,
} from "../../model/race/race-world.ts";
import type { RaceOptions } from "../../races/race-model.ts";
import { withLog } from "../model/logged-kernel.ts";
import { NO_REDUCTIONS, type Subject } from "./explore-races.ts";

/** Shared memory without the CPUs, as text. */
function textOf({ mms, folios, stats }: RaceWorld): string {
  return JSON.stringify({ mms, folios, stats });
}

/** @param operations names of the CPUs' operations */
export function raceSubject(
  bounds: RaceBounds,
  operations: readonly string[],
  options: Partial<RaceOptions> = {},
  config: string = "",
): Subject<RaceWorld> {
  const kernel = withLog(v7_1(parseConfig(config)));
  return {
    definition: () => ({
      schema: raceWorldSchema(bounds, kernel.tracksTotalMappedPages),
      roles: { scalarset: "mm", count: Math.min(2, bounds.mms) },
      describe: describeRaceField,
      isOneWord: isPageTableEntry,
      fixed: fixedRaceField(bounds),
      isObserved: (path) => isMapping(path) || path === "folios[0].largeMapcount" || path === "folios[0].refcount",
      warnings: kernel.warnings,
      operations: (port, cells) =>
        raceOperations(bounds, kernel)(port, cells).filter(({ name }) => operations.includes(name)),
    }),
    options: { cpus: bounds.cpus, memoryModel: "sc", reductions: NO_REDUCTIONS, ...options },
    elements: bounds.mms,
    initial: ({ mms }) => {
      const mm = at(mms, 0);
      kernel.mmAllocId(mm);
      mm.live = true;
    },
    textOf,
    codes: Object.values(Warning),
  };
}

/** The same machine with a folio that the first MM initially maps by PTEs. */
export function mapped(subject: Subject<RaceWorld>, config: string = ""): Subject<RaceWorld> {
  const kernel = v7_1(parseConfig(config));
  return {
    ...subject,
    initial: (world) => {
      subject.initial(world);
      const [mm, folio] = [at(world.mms, 0), at(world.folios, 0)];
      const { ptes } = at(mm.vmas, 0);
      kernel.prepNewPage(folio, ptes.length);
      kernel.folioRefAdd(folio, ptes.length - 1);
      kernel.folioAddNewAnonRmap(world.stats, folio, mm, true);
      setPtes(ptes, 0, folio, 0, ptes.length, true);
    },
  };
}
