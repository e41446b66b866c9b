/** Base kernels, which variants patch. */
import { DEFAULT_CONFIG, type KernelConfig } from "../kernel/config.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { rfc_2026_04 } from "./rfc-2026-04.ts";
import { v6_15 } from "./v6-15.ts";
import { v6_18 } from "./v6-18.ts";
import { v7_1 } from "./v7-1.ts";

/** Base kernel: every claim must hold for it. */
export interface BaseKernel {
  readonly name: string;
  /** Description of the kernel in one sentence. */
  readonly summary: string;
  /** Configuration if none is selected. */
  readonly defaultConfig: KernelConfig;
  /** Builds the kernel. @throws ConfigError for a configuration that the kernel does not support */
  readonly build: (config: KernelConfig) => Kernel;
}

/** Name of the kernel that is checked by default: the newest release. */
export const DEFAULT_KERNEL = "v7.1";

/** All base kernels, the default first. */
export const BASE_KERNELS: readonly BaseKernel[] = [
  {
    name: DEFAULT_KERNEL,
    summary: "Linux 7.1",
    defaultConfig: DEFAULT_CONFIG,
    build: v7_1,
  },
  {
    name: "v6.18",
    summary: "Linux 6.18, with the fixes of its stable releases up to 6.18.35",
    defaultConfig: DEFAULT_CONFIG,
    build: v6_18,
  },
  {
    name: "v6.15",
    summary: "Linux 6.15, where the series was merged",
    defaultConfig: DEFAULT_CONFIG,
    build: v6_15,
  },
  {
    name: "rfc-2026-04",
    summary:
      "The RFC of 2026-04-12, with no-page-mapcount only: _total_mapped_pages instead of _entire_mapcount and " +
      "_nr_pages_mapped",
    defaultConfig: { ...DEFAULT_CONFIG, pageMapcount: false },
    build: rfc_2026_04,
  },
];

/** Returns the base kernel with this name; undefined if there is none. */
export function baseKernelNamed(name: string): BaseKernel | undefined {
  return BASE_KERNELS.find((each) => each.name === name);
}
