/** Scenarios: every case on every kind of memory that it applies to. */
import type { Property } from "../../explore/model/model.ts";
import type { WorldView } from "../../model/environment/view.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { kernelNamed } from "../../model/kernels/index.ts";
import { CASES, type Case } from "./cases.ts";
import { everything } from "./everything.ts";
import { boundsFor, type MemoryKind } from "./memory.ts";
import { type Fate, Stage, type TrackedWrite } from "./stage.ts";

/** Kernels that must pass, each in a configuration. */
export const KERNELS: readonly { readonly name: string; readonly config: string }[] = [
  { name: "v7.1", config: "page-mapcount" },
  { name: "v7.1", config: "no-page-mapcount" },
  { name: "rfc-2026-04", config: "no-page-mapcount" },
];

/** Returns the kernel with this name in a configuration. */
export function kernelIn(name: string, config: string): Kernel {
  const kernel = kernelNamed(name, parseConfig(config));
  if (kernel === undefined) {
    throw new Error(`no kernel ${name}`);
  }
  return kernel;
}

/** Case on a kind of memory. */
export class Scenario {
  readonly case: Case;
  readonly kind: MemoryKind;

  constructor(of: Case, kind: MemoryKind) {
    this.case = of;
    this.kind = kind;
  }

  get name(): string {
    return `${this.case.name} · ${this.kind.name}`;
  }

  get expected(): Fate {
    return this.case.fate(this.kind);
  }

  /**
   * Executes the scenario twice: tracking the first write of the first page, and the second write of the last page.
   *
   * @param properties properties that are checked in each step; all by default
   * @returns the fates of the written pages
   * @throws if a process or holder reads a wrong content, or a property is violated
   */
  play(kernel: Kernel, properties?: readonly Property<WorldView>[]): Fate[] {
    const { kind } = this;
    const model = everything(boundsFor(kind), kernel, properties);
    const trackedWrites: TrackedWrite[] = [
      { entry: 0, write: "first" },
      { entry: kind.pages - 1, write: "second" },
    ];
    return trackedWrites.map((each) => {
      const stage = new Stage(model, each);
      kind.prepare(stage);
      const fate = this.case.play(stage, kind);
      stage.end();
      return fate;
    });
  }

  /** Whether the scenario detects that a kernel is faulty, without checking properties. */
  detects(kernel: Kernel): boolean {
    try {
      return this.play(kernel, []).some((fate) => fate !== this.expected);
    } catch {
      return true;
    }
  }
}

/** All scenarios. */
export const MATRIX: readonly Scenario[] = CASES.flatMap((each) => each.kinds.map((kind) => new Scenario(each, kind)));
