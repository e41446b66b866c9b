/**
 * Data that a race machine derives during a search, for checkpoints. States refer to nodes of access trees by numbers
 * that depend on the order of the search: the trees are rebuilt in the same order. The merging of accesses into
 * preceding steps depends on the assumptions of the search, so these are stored, too.
 */
import type { Learned } from "../explore/model/machine.ts";
import { type DataRace, dataRaceName } from "./data-races.ts";
import type { SavedGuards } from "./guards.ts";
import type { SavedClasses } from "./node-classes.ts";
import type { RaceEngine } from "./race-model.ts";

interface Saved {
  /** See AccessTrees.save(). */
  readonly edges: readonly number[];
  readonly classes: SavedClasses;
  readonly guards: SavedGuards;
  readonly dataRaces: readonly DataRace[];
}

/** @param dataRaces the data races that have warning codes, in the order of the codes */
export function learnedBy<S>(
  { trees, classes, guards, dataRaces: racesByName }: RaceEngine<S>,
  dataRaces: DataRace[],
): Learned {
  return {
    save: (): Saved => ({ edges: trees.save(), classes: classes.save(), guards: guards.save(), dataRaces }),
    restore: (saved) => {
      const { edges, classes: savedClasses, guards: savedGuards, dataRaces: savedRaces } = saved as Saved;
      if (!trees.restore(edges)) {
        return false;
      }
      classes.restore(savedClasses);
      guards.restore(savedGuards);
      for (const race of savedRaces) {
        racesByName.set(dataRaceName(race), race);
        dataRaces.push(race);
      }
      return true;
    },
  };
}
