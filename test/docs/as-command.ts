/** Explorations as command lines. */
import type { Exploration } from "../../model/kernels/variant.ts";

/**
 * Formats an exploration: `check rmap --pages 4 --config no-mm-id`; for fixed calls, `race "…" --start "anonFault(0)"`.
 */
export function asCommand({ machine, bounds, config, calls }: Exploration): string {
  const { tso, views, ...others } = bounds;
  const given = calls === undefined ? bounds : others;
  const options = Object.entries(given).map(
    ([name, value]) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${value}`,
  );
  const subject = calls === undefined ? ["check", machine] : ["race", `"${calls.cpus}"`, `--start "${calls.start}"`];
  const model = tso === 1 ? "tso" : views === 1 ? "views" : undefined;
  const memory = calls !== undefined && model !== undefined ? [`--memory ${model}`] : [];
  return [...subject, ...options, ...memory, ...(config === "" ? [] : [`--config ${config}`])].join(" ");
}
