/** Explorations as the command takes them. */
import type { Exploration } from "../../model/variants/variant.ts";

/** `check rmap --pages 4 --config no-mm-id`. */
export function asCommand({ machine, bounds, config }: Exploration): string {
  const options = Object.entries(bounds).map(
    ([name, value]) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${value}`,
  );
  return ["check", machine, ...options, ...(config === "" ? [] : [`--config ${config}`])].join(" ");
}
