/** Names from which the playground's settings are chosen. */
import type { BoundDefinition } from "../../machines/machine.ts";
import type { Setting } from "../address/exploration.ts";

/** A machine. */
export interface MachineEntry {
  readonly name: string;
  readonly summary: string;
  readonly bounds: readonly BoundDefinition[];
}

/** A kernel. */
export interface KernelEntry {
  readonly name: string;
  readonly summary: string;
  readonly kind: "release" | "faulty" | "fault-free";
  /** Machines whose folios lack fields that it reads. */
  readonly notOn: readonly string[];
  /** Setting that catches a faulty kernel, and the claim that fails there. */
  readonly caught?: { readonly setting: Setting; readonly property: string };
}

/** All names; the first kernel is the default. */
export interface PlaygroundCatalogue {
  readonly machines: readonly MachineEntry[];
  readonly kernels: readonly KernelEntry[];
}
