/** The exploration in the address of the page. */
import { useEffect, useState } from "preact/hooks";
import { formatAddress, parseAddress } from "../address/address.ts";
import type { Exploration } from "../address/exploration.ts";

/** Exploration of an address that names none, with the default kernel. */
const FIRST: Exploration = { machine: "rmap", bounds: {}, config: "", kernel: "v7.1", path: [] };

/** Changes of the exploration. */
export interface Navigation {
  /** Shows another exploration: a new entry in the history, to which the browser's back button returns. */
  readonly show: (exploration: Exploration) => void;
  /** Moves to another step: no new entry. */
  readonly move: (step: number) => void;
}

/** Returns the exploration, and how to change it. */
export function useExploration(): readonly [Exploration, Navigation] {
  const [exploration, setExploration] = useState(() => parseAddress(location.hash) ?? FIRST);
  useEffect(() => {
    const follow = (): void => setExploration(parseAddress(location.hash) ?? FIRST);
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  }, []);
  return [
    exploration,
    {
      show: (next) => {
        history.pushState(null, "", formatAddress(next));
        setExploration(next);
      },
      move: (step) => {
        const next = { ...exploration, step };
        history.replaceState(null, "", formatAddress(next));
        setExploration(next);
      },
    },
  ];
}
