/** Searches of race machines. */
import { compile, type Model, MachineError, type SearchOptions, type SearchResult, search } from "../explore/index.ts";
import { ProtectionBroken, type RaceEngine } from "./race-model.ts";

/**
 * Visits every state of a race machine. A search that relied on a protection that turned out not to hold is begun again;
 * the last one relied on nothing that does not hold for every access of every thread that it found.
 *
 * @param modelOf makes the model anew for each search
 */
export function searchRaces<S, C, V>(
  { guards }: Pick<RaceEngine<unknown>, "guards">,
  modelOf: () => Model<S, C, V>,
  options: SearchOptions,
): SearchResult {
  for (;;) {
    guards.begin();
    try {
      return search(compile(modelOf()), options);
    } catch (error) {
      if (!(error instanceof MachineError && error.cause instanceof ProtectionBroken)) {
        throw error;
      }
    }
  }
}
