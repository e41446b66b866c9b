/** A search in a worker of its own, which ends with it: so that it can be stopped at any time. */
import { useEffect, useState } from "preact/hooks";
import type { Setting } from "../address/exploration.ts";
import type { Found, SearchProgress, Wish } from "../protocol/messages.ts";
import { Checker } from "./checker.ts";

/** State of the last search. */
export type Search =
  | { readonly state: "none" }
  | { readonly state: "running"; readonly checker: Checker; readonly progress?: SearchProgress }
  | { readonly state: "stopped"; readonly progress?: SearchProgress }
  | { readonly state: "ended"; readonly found: Found }
  | { readonly state: "failed"; readonly message: string };

/** The last search, and how to start one, from the state after given steps, and stop it. */
export interface SearchControl {
  readonly search: Search;
  readonly start: (setting: Setting, steps: readonly string[], wish: Wish) => void;
  readonly stop: () => void;
}

/** Runs searches, one at a time. @param onPath called with the path that a search found, and its setting */
export function useSearch(onPath: (setting: Setting, path: readonly string[]) => void): SearchControl {
  const [search, setSearch] = useState<Search>({ state: "none" });
  const running = search.state === "running" ? search.checker : undefined;
  useEffect(() => () => running?.end(), [running]);
  const start: SearchControl["start"] = async (setting, steps, wish) => {
    const checker = new Checker();
    setSearch({ state: "running", checker });
    const reply = await checker.request({ kind: "find", setting, steps, wish }, (progress) => {
      setSearch((current) => (isOf(checker, current) ? { ...current, progress } : current));
    });
    checker.end();
    setSearch((current) => {
      if (!isOf(checker, current)) {
        return current;
      }
      switch (reply.kind) {
        case "found":
          return { state: "ended", found: reply.found };
        case "refused":
        case "failed":
          return { state: "failed", message: reply.message };
        default:
          return { state: "none" };
      }
    });
    if (reply.kind === "found" && reply.found.outcome === "found") {
      onPath(setting, reply.found.path);
    }
  };
  const stop = (): void => {
    if (search.state === "running") {
      const { progress } = search;
      setSearch({ state: "stopped", ...(progress === undefined ? {} : { progress }) });
    }
  };
  return { search, start, stop };
}

function isOf(checker: Checker, search: Search): search is Extract<Search, { readonly state: "running" }> {
  return search.state === "running" && search.checker === checker;
}
