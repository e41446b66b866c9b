/** Keys that move through a trace: ← and →, Home and End. */
import { useLayoutEffect } from "preact/hooks";

/** Moves while the page has the focus, except in fields that use the keys themselves. */
export function useArrowKeys(position: number, last: number, onMove: (position: number) => void): void {
  // Before the next key: an effect after painting would move from an old position.
  useLayoutEffect(() => {
    const move = (event: KeyboardEvent): void => {
      const { target } = event;
      const isField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
      if (isField || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      const next = targetOf(event.key, position, last);
      if (next !== undefined) {
        event.preventDefault();
        onMove(Math.min(Math.max(next, 0), last));
      }
    };
    addEventListener("keydown", move);
    return () => removeEventListener("keydown", move);
  }, [position, last, onMove]);
}

function targetOf(key: string, position: number, last: number): number | undefined {
  switch (key) {
    case "ArrowLeft":
      return position - 1;
    case "ArrowRight":
      return position + 1;
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}
