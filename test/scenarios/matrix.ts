/** Every case on every kind of memory that it is meant for. */
import type { Property } from "../../explore/model/model.ts";
import type { WorldView } from "../../model/environment/view.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { kernelNamed } from "../../model/kernels/index.ts";
import { CASES, type Case } from "./cases.ts";
import { everything } from "./everything.ts";
import { boundsFor, type MemoryKind } from "./memory.ts";
import { type Fate, type Followed, Stage } from "./stage.ts";

/** The kernels that must pass, each in a configuration. */
export const KERNELS: readonly { readonly name: string; readonly config: string }[] = [
  { name: "v7.1", config: "page-mapcount" },
  { name: "v7.1", config: "no-page-mapcount" },
  { name: "rfc-2026-04", config: "no-page-mapcount" },
];

/** The kernel with this name in a configuration. */
export function kernelIn(name: string, config: string): Kernel {
  const kernel = kernelNamed(name, parseConfig(config));
  if (kernel === undefined) {
    throw new Error(`no kernel ${name}`);
  }
  return kernel;
}

/** A case on a kind of memory. */
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
   * Acts it out twice: what the first page held before is followed through the run, and what is written to the last
   * one.
   *
   * @param properties that each step is checked for; all, unless said otherwise
   * @returns what happened to the written pages
   * @throws when somebody sees what they must not, or a property is violated
   */
  play(kernel: Kernel, properties?: readonly Property<WorldView>[]): Fate[] {
    const { kind } = this;
    const model = everything(boundsFor(kind), kernel, properties);
    const followed: Followed[] = [
      { entry: 0, write: "first" },
      { entry: kind.pages - 1, write: "second" },
    ];
    return followed.map((each) => {
      const stage = new Stage(model, each);
      kind.prepare(stage);
      const fate = this.case.play(stage, kind);
      stage.end();
      return fate;
    });
  }

  /** Whether it shows that a kernel is wrong, when no property is checked. */
  notices(kernel: Kernel): boolean {
    try {
      return this.play(kernel, []).some((fate) => fate !== this.expected);
    } catch {
      return true;
    }
  }
}

/** All of them. */
export const MATRIX: readonly Scenario[] = CASES.flatMap((each) => each.kinds.map((kind) => new Scenario(each, kind)));
