/**
 * What a race machine has learned while it was explored, for checkpoints. States refer to nodes of access trees by numbers,
 * which follow the search: the trees are grown again in the same order. Which accesses are merged into the step before them
 * rests on what the search took for protected, so that is stored, too.
 */
import type { Learned } from "../explore/model/machine.ts";
import { type DataRace, dataRaceName } from "./data-races.ts";
import type { SavedGuards } from "./guards.ts";
import type { SavedClasses } from "./node-classes.ts";
import type { RaceEngine } from "./race-model.ts";

interface Saved {
  /** See AccessTrees. */
  readonly edges: readonly number[];
  readonly classes: SavedClasses;
  readonly guards: SavedGuards;
  readonly dataRaces: readonly DataRace[];
}

/** @param dataRaces those that have codes of warnings, in the order of the codes */
export function learnedBy<S>(
  { trees, classes, guards, dataRaces: known }: RaceEngine<S>,
  dataRaces: DataRace[],
): Learned {
  return {
    save: (): Saved => ({ edges: trees.save(), classes: classes.save(), guards: guards.save(), dataRaces }),
    restore: (saved) => {
      const { edges, classes: merged, guards: relied, dataRaces: found } = saved as Saved;
      if (!trees.restore(edges)) {
        return false;
      }
      classes.restore(merged);
      guards.restore(relied);
      for (const race of found) {
        known.set(dataRaceName(race), race);
        dataRaces.push(race);
      }
      return true;
    },
  };
}
