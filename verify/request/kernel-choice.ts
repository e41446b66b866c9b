/** Kernels as users ask for them: by name, and by configuration. */
import { ConfigError, type KernelConfig, parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { BASE_KERNELS, defaultConfigOf, kernelNamed, VARIANTS } from "../../model/kernels/index.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The configuration of a kernel.
 *
 * @param words as for `--config`; what they do not say is as the kernel usually has it
 * @throws UsageError when there is no such kernel, or the words make no sense
 */
export function configOf(kernel: string, words: string): KernelConfig {
  const usual = defaultConfigOf(kernel);
  if (usual === undefined) {
    throw unknownKernel(kernel);
  }
  return asked(() => parseConfig(words, usual));
}

/** @throws UsageError when there is no such kernel, or it does not have this configuration */
export function kernelOf(name: string, config: KernelConfig): Kernel {
  const kernel = asked(() => kernelNamed(name, config));
  if (kernel === undefined) {
    throw unknownKernel(name);
  }
  return kernel;
}

/** Whether the machine's folios have what the kernel reads. */
export function fits(kernel: string, machine: string): boolean {
  return VARIANTS.find(({ name }) => name === kernel)?.notOn?.includes(machine) !== true;
}

/** @throws UsageError when the machine's folios lack what the kernel reads */
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

function asked<T>(answer: () => T): T {
  try {
    return answer();
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  }
}
