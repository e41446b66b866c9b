/** Sessions: step-by-step execution of machines on immutable states, with short texts for folios and entries. */
import { type Interpreter, interpret } from "../../explore/model/interpreter.ts";
import type { DeepReadonly, Model, Parameters } from "../../explore/model/model.ts";
import { at } from "../../explore/model/schema.ts";
import { MACHINES } from "../../machines/index.ts";
import type { Bounds } from "../../machines/machine.ts";
import type { CountsWorld } from "../../machines/owner-tracking.ts";
import type { View, WorldView } from "../../model/environment/view.ts";
import { parseConfig } from "../../model/kernel/config.ts";
import type { Kernel } from "../../model/kernel/kernel.ts";
import { DEFAULT_KERNEL, kernelNamed } from "../../model/kernels/index.ts";
import type { TrackedFolio } from "../../model/state/structs.ts";
import type { World, WorldFolio, WorldPte } from "../../model/state/world.ts";
import { type LoggedKernel, logOf, withLog } from "./logged-kernel.ts";

/** Machine with its model. */
export interface Subject<S, V extends View> {
  readonly kernel: Kernel;
  readonly model: Model<S, Kernel, V>;
}

export type WorldSubject = Subject<World, WorldView>;
export type CountsSubject = Subject<CountsWorld, View>;

/** Returns the kernel with this name in a configuration, with a log. */
export function kernelIn(config: string, name: string = DEFAULT_KERNEL): LoggedKernel {
  const kernel = kernelNamed(name, parseConfig(config));
  if (kernel === undefined) {
    throw new Error(`no kernel ${name}`);
  }
  return withLog(kernel);
}

function modelNamed(name: string, bounds: Bounds, kernel: Kernel): unknown {
  const definition = MACHINES.find((each) => each.name === name);
  if (definition === undefined) {
    throw new Error(`no machine ${name}`);
  }
  const usual = Object.fromEntries(definition.bounds.map((each) => [each.name, each.default]));
  return definition.build({ ...usual, ...bounds }, kernel, undefined, logOf(kernel));
}

/** Builds a machine with page tables, by default with 4 pages and otherwise its default bounds. */
export function worldSubject(
  scope: string,
  bounds: Bounds = {},
  config = "",
  kernel: Kernel = kernelIn(config),
): WorldSubject {
  return { kernel, model: modelNamed(scope, { pages: 4, ...bounds }, kernel) as WorldSubject["model"] };
}

/** Builds the rmap machine. */
export function rmapSubject(bounds?: Bounds, config?: string, kernel?: Kernel): WorldSubject {
  return worldSubject("rmap", bounds, config, kernel);
}

/** Builds the owner-tracking machine, by default with 4 pages and 3 MMs. */
export function countsSubject(bounds: Bounds = {}, config = "", kernel: Kernel = kernelIn(config)): CountsSubject {
  return { kernel, model: modelNamed("owner-tracking", bounds, kernel) as CountsSubject["model"] };
}

/** State of a model with its interpreter. Immutable: `act` returns a new session. */
export class Session<S, V extends View> {
  readonly subject: Subject<S, V>;
  readonly state: S;
  private readonly interpreter: Interpreter<S>;

  constructor(subject: Subject<S, V>, interpreter: Interpreter<S>, state: S) {
    this.subject = subject;
    this.interpreter = interpreter;
    this.state = state;
  }

  /** Executes a step, which must be enabled and raise no warning. */
  act(action: string, parameters: Parameters): Session<S, V> {
    const outcome = this.interpreter.attempt(this.state, { action, parameters });
    if (!outcome.enabled) {
      throw new Error(`${action} ${JSON.stringify(parameters)} is not enabled`);
    }
    if (outcome.warning !== undefined) {
      throw new Error(`${action} ${JSON.stringify(parameters)} raised warning ${outcome.warning}`);
    }
    return new Session(this.subject, this.interpreter, outcome.state);
  }

  isEnabled(action: string, parameters: Parameters): boolean {
    return this.interpreter.attempt(this.state, { action, parameters }).enabled;
  }

  private get folios(): readonly TrackedFolio[] {
    const { model, kernel } = this.subject;
    return model.view(this.state as DeepReadonly<S>, kernel).folios.map(({ folio }) => folio);
  }

  /** Owner tracking of a folio as text: `mm 1: 4 | free | exclusive`. Mapcounts are logical. */
  tracking(folio = 0): string {
    const { slots } = at(this.folios, folio);
    const words = slots.map(({ mmId, mapcount }) => (mmId === 0 ? "free" : `mm ${mmId - 1}: ${mapcount + 1}`));
    return [...words, this.verdict(folio)].join(" | ");
  }

  verdict(folio = 0): "maybe shared" | "exclusive" {
    return this.subject.kernel.folioMaybeMappedShared(at(this.folios, folio)) ? "maybe shared" : "exclusive";
  }

  mapcount(folio = 0): number {
    return this.subject.kernel.folioMapcount(at(this.folios, folio));
  }
}

/** Session of a machine with page tables. */
export class WorldSession {
  readonly session: Session<World, WorldView>;

  constructor(session: Session<World, WorldView>) {
    this.session = session;
  }

  act(action: string, parameters: Parameters): WorldSession {
    return new WorldSession(this.session.act(action, parameters));
  }

  isEnabled(action: string, parameters: Parameters): boolean {
    return this.session.isEnabled(action, parameters);
  }

  get world(): World {
    return this.session.state;
  }

  folio(index = 0): WorldFolio {
    return at(this.world.folios, index);
  }

  tracking(folio = 0): string {
    return this.session.tracking(folio);
  }

  verdict(folio = 0): string {
    return this.session.verdict(folio);
  }

  /** Logical page mapcounts. */
  pageMapcounts(folio = 0): number[] {
    return this.folio(folio).pages.map((page) => page.mapcount + 1);
  }

  /** Entries of a VMA as text: `0.2` is page 2 of folio 0, `-` is none. */
  entries(mm: number, vma = 0): string {
    const { ptes } = at(at(this.world.mms, mm).vmas, vma);
    return ptes.map(({ folio, page }) => (folio === 0 ? "-" : `${folio - 1}.${page}`)).join(" ");
  }

  /**
   * Kinds of the entries of the anon VMA, one letter each: `w` writable, `r` read-only, `-` none; `S` an exclusive swap
   * entry, `s` another one; `M` a writable migration entry, `m` a readable exclusive one, `i` a readable one.
   */
  kinds(mm: number): string {
    return at(at(this.world.mms, mm).vmas, 0).ptes.map(kindOf).join("");
  }

  /** PMD of a VMA as text: `0 w` maps folio 0; letters as in `kinds`. */
  pmd(mm: number, vma = 0): string {
    const { pmd } = at(at(this.world.mms, mm).vmas, vma);
    return pmd.folio === 0 ? "-" : `${pmd.folio - 1} ${kindOf({ ...pmd, page: 0, swap: false, expected: 0 })}`;
  }

  /** Exclusive flags of the pages of a folio: `x` or `-`. */
  exclusive(folio = 0): string {
    return this.folio(folio)
      .pages.map((page) => (page.anonExclusive ? "x" : "-"))
      .join("");
  }

  get stats(): World["stats"] {
    return this.world.stats;
  }
}

function kindOf({ folio, writable, migration, exclusive, swap }: WorldPte): string {
  if (swap) {
    return exclusive ? "S" : "s";
  }
  if (folio === 0) {
    return "-";
  }
  if (migration) {
    return writable ? "M" : exclusive ? "m" : "i";
  }
  return writable ? "w" : "r";
}

function begin<S, V extends View>(subject: Subject<S, V>): Session<S, V> {
  const interpreter = interpret(subject.model);
  return new Session(subject, interpreter, at(interpreter.initialStates, 0));
}

/** Starts a machine with page tables in its initial state, in which the first MM exists. */
export function start(scope: string, bounds?: Bounds, config?: string, kernel?: Kernel): WorldSession {
  return new WorldSession(begin(worldSubject(scope, bounds, config, kernel)));
}

/** Starts the rmap machine in its initial state. */
export function startRmap(bounds?: Bounds, config?: string, kernel?: Kernel): WorldSession {
  return start("rmap", bounds, config, kernel);
}

/** Starts the owner-tracking machine in its initial state. */
export function startCounts(bounds: Bounds = {}, config = ""): Session<CountsWorld, View> {
  return begin(countsSubject(bounds, config));
}

/** Returns a kernel with a separate log, which no other test uses. */
export function freshKernel(config = "", name?: string): LoggedKernel {
  return kernelIn(config, name);
}
