/** Kernels by name and configuration, with errors for users. */
import { ConfigError, type KernelConfig, parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { BASE_KERNELS, defaultConfigOf, kernelNamed, VARIANTS } from "../../model/kernels/index.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Parses the configuration of a kernel.
 *
 * @param words in the syntax of `--config`; absent options have the kernel's defaults
 * @throws UsageError when there is no such kernel, or the configuration is invalid
 */
export function configOf(kernel: string, words: string): KernelConfig {
  const defaultConfig = defaultConfigOf(kernel);
  if (defaultConfig === undefined) {
    throw unknownKernel(kernel);
  }
  return withUsageErrors(() => parseConfig(words, defaultConfig));
}

/**
 * Returns a kernel in a configuration.
 *
 * @throws UsageError when there is no such kernel, or it does not have this configuration
 */
export function kernelOf(name: string, config: KernelConfig): Kernel {
  const kernel = withUsageErrors(() => kernelNamed(name, config));
  if (kernel === undefined) {
    throw unknownKernel(name);
  }
  return kernel;
}

/** Whether the machine's folios have the fields that the kernel reads. */
export function fits(kernel: string, machine: string): boolean {
  return VARIANTS.find(({ name }) => name === kernel)?.notOn?.includes(machine) !== true;
}

/** @throws UsageError when the machine's folios lack fields that the kernel reads */
export function requireFit(kernel: string, machine: string): void {
  if (!fits(kernel, machine)) {
    throw new UsageError(
      `variant ${kernel} reads fields that folios of machine ${machine} do not have; want a machine with page tables, such as rmap`,
    );
  }
}

/** Whether the kernel can be built in the configuration. */
export function hasConfig(kernel: string, words: string): boolean {
  try {
    kernelOf(kernel, configOf(kernel, words));
    return true;
  } catch (error) {
    if (error instanceof UsageError) {
      return false;
    }
    throw error;
  }
}

function unknownKernel(name: string): UsageError {
  const bases = BASE_KERNELS.map((each) => each.name).join(", ");
  return new UsageError(
    `unknown variant "${name}"; want ${bases} or one of the ${VARIANTS.length} variants that foliocheck list prints`,
  );
}

/** Returns the result of `run`, and converts its ConfigError to a UsageError. */
function withUsageErrors<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  }
}
