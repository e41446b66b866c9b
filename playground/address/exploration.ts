/** An exploration by hand: the content of the playground's address. */

/** Machine, bounds, configuration and kernels. */
export interface Setting {
  readonly machine: string;
  /** Bounds; those that are absent have the machine's defaults. */
  readonly bounds: { readonly [name: string]: number };
  /** Kernel configuration, in the syntax of `--config`; empty for the kernel's default. */
  readonly config: string;
  readonly kernel: string;
  /** Kernel that takes the same steps beside the first one. */
  readonly against?: string;
  /** Machine race: fixed calls of its CPUs, in the syntax of `foliocheck race`; any calls if absent. */
  readonly calls?: { readonly start: string; readonly cpus: string };
}

/** A setting with the steps taken. */
export interface Exploration extends Setting {
  /** Calls in their short form, such as `fork(0,1)`. */
  readonly path: readonly string[];
  /** Position of the state in view; the last one if absent. */
  readonly step?: number;
}

/** Returns the position of the state in view. */
export function positionOf({ path, step = path.length }: Pick<Exploration, "path" | "step">): number {
  return Math.min(step, path.length);
}
