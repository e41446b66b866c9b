/**
 * Random walks, for bounds that no search exhausts. They show violations, never their absence. Each step draws an
 * enabled action uniformly, then its parameters uniformly: an action with many parameters is not taken more often than
 * others.
 */

import type { PathStep } from "../checkpoint/position.ts";
import { formatCall } from "../model/action-call.ts";
import { BeyondBounds, isOutOfRange, MachineError } from "../model/errors.ts";
import { type ActionTable, isWitness, type Machine } from "../model/machine.ts";
import { PremiseCounts } from "../model/premises.ts";
import { hashState } from "../packed/hash.ts";
import type { Budget, StopReason } from "../search/budget.ts";
import { failIfChanged } from "../search/determinism.ts";
import type { Finding, Progress, PropertyOutcome, SearchResult } from "../search/search-result.ts";
import { NO_PARENT, StateStore } from "../visited/state-store.ts";
import { Random } from "./random.ts";
import { leadsTo, notRepeatable, shortened } from "./shorten.ts";

/** Options of a simulation. */
export interface SimulationOptions {
  /** Number of walks. */
  readonly walks: number;
  /** Seed of all random choices: same machine, same options, same result. A whole number up to 2^53 − 1. */
  readonly seed: number;
  /** Maximum number of steps of a walk. */
  readonly maxDepth: number;
  /** Whether distinct states are counted up to the machine's declared symmetry. Default: when it declares one. */
  readonly symmetry?: boolean;
  /** Of its limits, `maxMemoryBytes` ends the counting of distinct states, not the walks. */
  readonly budget?: Pick<Budget, "timeoutSeconds" | "maxStates" | "maxMemoryBytes">;
  /**
   * Whether to continue after a violation, to find one counterexample for each property. Default: it ends the walks.
   */
  readonly allViolations?: boolean;
  /** Called at intervals. */
  readonly onProgress?: (progress: Progress) => void;
  /** Polled at intervals; true ends the walks as interrupted. */
  readonly interrupted?: () => boolean;
}

const DEADLOCK = -1;

/** Number of initial walks that are repeated to check that the machine is deterministic. */
const WALKS_REPEATED = 16;

/** Number of steps between two readings of the clock. */
const POLL_INTERVAL = 1024;

/** Default limit, in bytes, for counting distinct states. */
const COUNTING_BYTES = 2 ** 30;

/**
 * Takes random walks from the initial states.
 *
 * @returns never `exhausted`; the traces are real, but need not be shortest
 * @throws MachineError when the machine breaks the rules: see ErrorCode
 */
export function simulate(machine: Machine, options: SimulationOptions): SearchResult {
  return new Simulation(machine, options).run();
}

/** A violation or witness with the steps of its walk. */
interface WalkDiscovery {
  readonly property: number;
  readonly warning?: number;
  readonly initial: number;
  readonly steps: readonly PathStep[];
  readonly walk: number;
}

class Simulation {
  private readonly machine: Machine;
  private readonly options: SimulationOptions;
  private readonly canonicalize: (() => void) | undefined;
  private readonly store: StateStore;
  private readonly premises: PremiseCounts;
  private readonly started: number = performance.now();
  private readonly source: Int32Array;
  /** For each action, its instances in the order in which the next step tries them. */
  private readonly instances: readonly Int32Array[];
  private readonly order: Int32Array;
  private readonly enabled: Float64Array;
  private readonly newStates: Float64Array;
  private readonly checked: Float64Array;
  private readonly hasStepProperties: boolean;
  private readonly discoveries = new Map<number, WalkDiscovery>();
  private stopped: StopReason | undefined;
  private random = new Random(0, 0);
  private walk = 0;
  private initial = 0;
  private steps: PathStep[] = [];
  private transitions = 0;
  private deepest = 0;
  private countsAll = true;
  private polls = 0;
  private isViolated = false;
  /** Whether the current walk contains a violation. */
  private isBeyondViolation = false;

  constructor(machine: Machine, options: SimulationOptions) {
    this.machine = machine;
    this.options = options;
    this.canonicalize = (options.symmetry ?? true) ? machine.canonicalize : undefined;
    this.store = new StateStore(machine.words);
    this.premises = new PremiseCounts(machine.warnings);
    this.source = new Int32Array(machine.words);
    this.hasStepProperties = machine.properties.some(({ kind }) => kind.endsWith("-step"));
    this.instances = machine.actions.map((table) => new Int32Array(table.instances));
    this.order = new Int32Array(machine.actions.length);
    this.enabled = new Float64Array(machine.actions.length);
    this.newStates = new Float64Array(machine.actions.length);
    this.checked = new Float64Array(machine.properties.length);
  }

  run(): SearchResult {
    const { walks, seed } = this.options;
    this.machine.warnings.first = 0;
    this.premises.ignore();
    try {
      for (; this.walk < walks && !this.isOver(); this.walk++) {
        this.random = new Random(seed, this.walk);
        this.takeWalkWithTrace();
      }
      return this.result();
    } finally {
      this.premises.close();
    }
  }

  /** Whether the simulation is over. */
  private isOver(): boolean {
    return this.stopped !== undefined || (this.isViolated && this.options.allViolations !== true);
  }

  private violations(): WalkDiscovery[] {
    return [...this.discoveries.values()].filter(({ property }) => !this.isWitness(property));
  }

  private isWitness(property: number): boolean {
    const kind = this.machine.properties[property]?.kind;
    return kind !== undefined && isWitness(kind);
  }

  /** Takes a walk; adds the execution so far to an error. */
  private takeWalkWithTrace(): void {
    try {
      this.takeWalk();
    } catch (error) {
      const { machine, initial, steps } = this;
      const calls = steps.map(({ action, instance }) => (machine.actions[action] as ActionTable).call(instance));
      throw error instanceof MachineError ? error.at({ trace: { initial, calls } }) : error;
    }
  }

  private takeWalk(): void {
    const { machine, options } = this;
    for (const each of [this.order, ...this.instances]) {
      each.forEach((_, i) => {
        each[i] = i;
      });
    }
    this.initial = this.random.below(machine.initialStates);
    this.steps = [];
    this.isBeyondViolation = false;
    machine.loadInitial(this.initial);
    machine.warnings.first = 0;
    this.arrive(undefined);
    const mostSteps = Math.min(options.maxDepth, machine.maxSteps ?? options.maxDepth);
    let continues = true;
    while (continues) {
      this.poll();
      continues = this.steps.length < mostSteps && !this.isOver() && this.takeStep();
    }
    failIfChanged(machine.restoreArrays?.(true));
    if (this.walk < WALKS_REPEATED) {
      this.repeatWalk();
    }
  }

  /** Repeats the walk: it must lead to the same state. */
  private repeatWalk(): void {
    const { machine, source, initial, steps } = this;
    source.set(machine.memory.subarray(0, machine.words));
    if (!leadsTo(machine, { initial, steps }, source)) {
      throw notRepeatable(machine);
    }
  }

  private poll(): void {
    const { options, store } = this;
    if (this.polls++ % POLL_INTERVAL !== 0) {
      return;
    }
    options.onProgress?.(this.progress());
    if (options.interrupted?.() === true) {
      this.stopped = "interrupted";
    }
    const { timeoutSeconds, maxStates, maxMemoryBytes = COUNTING_BYTES } = options.budget ?? {};
    if (timeoutSeconds !== undefined && this.seconds() >= timeoutSeconds) {
      this.stopped = "timeout";
    }
    if (maxStates !== undefined && store.count > maxStates) {
      this.stopped = "max-states";
    }
    this.countsAll &&= store.bytesWith(2 * POLL_INTERVAL) <= maxMemoryBytes;
  }

  private seconds(): number {
    return (performance.now() - this.started) / 1000;
  }

  private progress(): Progress {
    return {
      depth: this.deepest,
      states: this.store.count,
      transitions: this.transitions,
      frontier: 0,
      walks: this.walk,
      seconds: this.seconds(),
      tableBytes: this.store.bytes,
    };
  }

  /** @returns whether the walk continues */
  private takeStep(): boolean {
    const { machine, source } = this;
    source.set(machine.memory.subarray(0, machine.words));
    machine.memory.set(source, machine.words);
    try {
      for (let remaining = this.order.length; remaining > 0; remaining--) {
        const action = draw(this.order, remaining, this.random);
        const instance = this.enabledInstance(action);
        if (instance !== undefined) {
          this.transitions += 1;
          this.enabled[action] = (this.enabled[action] as number) + 1;
          this.steps.push({ action, instance });
          this.deepest = Math.max(this.deepest, this.steps.length);
          this.checkStep();
          this.arrive(action);
          return true;
        }
      }
    } catch (error) {
      this.endAt(error);
      return false;
    } finally {
      this.premises.ignore();
    }
    this.checkDeadlock();
    return false;
  }

  /** Takes a step by an action, if it is enabled. @returns its instance */
  private enabledInstance(action: number): number | undefined {
    const { machine, source } = this;
    const { memory, warnings, actions } = machine;
    const table = actions[action] as ActionTable;
    const instances = this.instances[action] as Int32Array;
    this.premises.count();
    for (let remaining = table.instances; remaining > 0; remaining--) {
      const instance = draw(instances, remaining, this.random);
      if (table.apply(instance)) {
        this.premises.ignore();
        return instance;
      }
      if (source.some((word, i) => memory[i] !== word)) {
        const field = machine.firstDifference(source);
        const action = table.call(instance);
        throw new MachineError(
          "disabled-but-changed",
          `action ${formatCall(action)} changed field ${field} and then returned false; decide before changing anything`,
          { field, action },
        );
      }
      warnings.first = 0;
    }
    this.premises.ignore();
    return undefined;
  }

  /** Handles an exception of a recipe: ends the walk, or the simulation. */
  private endAt(error: unknown): void {
    this.machine.memory.set(this.source);
    this.machine.warnings.first = 0;
    // After a violation, the machine may leave the field ranges that its author expected.
    if (!(error instanceof BeyondBounds || (isOutOfRange(error) && this.isBeyondViolation))) {
      throw error;
    }
  }

  /** Checks the last step. */
  private checkStep(): void {
    const { machine } = this;
    const { warnings } = machine;
    if (warnings.first !== 0) {
      const warning = warnings.first;
      warnings.first = 0;
      this.record(machine.propertyOfWarning(warning), warning);
    }
    if (this.hasStepProperties) {
      machine.refreshBefore();
      machine.refresh();
      this.evaluate("always-step", "sometimes-step");
    }
  }

  /** Counts and checks the current state. @param action the last action; undefined for an initial state */
  private arrive(action: number | undefined): void {
    const { machine, source } = this;
    const { memory, words } = machine;
    source.set(memory.subarray(0, words));
    this.canonicalize?.();
    const hash = hashState(memory, 0, words);
    const isNew = this.countsAll ? this.store.insert(memory, 0, hash, NO_PARENT) >= 0 : !this.store.has(memory, 0);
    memory.set(source);
    if (!isNew) {
      return;
    }
    if (action !== undefined && this.countsAll) {
      this.newStates[action] = (this.newStates[action] as number) + 1;
    }
    machine.refresh();
    this.evaluate("always", "sometimes");
  }

  private evaluate(always: string, sometimes: string): void {
    const { machine } = this;
    for (const [index, { kind, evaluate }] of machine.properties.entries()) {
      if (kind !== always && kind !== sometimes) {
        continue;
      }
      const answer = evaluate();
      if (answer !== undefined) {
        this.checked[index] = (this.checked[index] as number) + 1;
        if (answer === isWitness(kind)) {
          this.record(index);
        }
      }
    }
    machine.warnings.first = 0;
  }

  private checkDeadlock(): void {
    const { machine } = this;
    machine.refresh();
    if (machine.mayEnd?.() === false) {
      this.record(DEADLOCK);
    }
    machine.warnings.first = 0;
  }

  /** Records the walk so far as a violation or witness, if it is the first one of the property. */
  private record(property: number, warning?: number): void {
    if (!this.isWitness(property)) {
      this.isViolated = true;
      this.isBeyondViolation = true;
    }
    if (!this.discoveries.has(property)) {
      const { initial, walk } = this;
      const steps = [...this.steps];
      this.discoveries.set(property, { property, ...(warning === undefined ? {} : { warning }), initial, steps, walk });
    }
  }

  private result(): SearchResult {
    const { machine, options, store } = this;
    const { seed, maxDepth } = options;
    const violations = this.violations();
    const witnesses = [...this.discoveries.values()].filter(({ property }) => this.isWitness(property));
    const seconds = this.seconds();
    return {
      outcome: violations.length > 0 ? "violated" : "incomplete",
      stopped: this.stopped ?? "simulated",
      states: store.count,
      transitions: this.transitions,
      depth: this.deepest,
      frontier: 0,
      simulation: { walks: this.walk, seed, maxDepth, countsAll: this.countsAll },
      symmetry: this.canonicalize !== undefined,
      properties: machine.properties.map((_, index) => this.outcomeOf(index)),
      actions: machine.actions.map(({ name }, index) => ({
        name,
        enabled: this.enabled[index] as number,
        newStates: this.newStates[index] as number,
      })),
      violations: violations.map((each) => this.findingOf(each)),
      witnesses: witnesses.map((each) => this.findingOf(each)),
      seconds,
      tableBytes: store.bytes,
    };
  }

  private outcomeOf(index: number): PropertyOutcome {
    const { id, kind, counted } = this.machine.properties[index] as Machine["properties"][number];
    const evaluations = counted === undefined ? this.transitions : this.premises.totalOf(counted);
    const checked = kind === "warning" ? evaluations : (this.checked[index] as number);
    const verdict = !this.discoveries.has(index) ? "incomplete" : isWitness(kind) ? "reached" : "violated";
    return { id, kind, verdict, checked, vacuous: false };
  }

  private findingOf({ property, warning, initial, steps, walk }: WalkDiscovery): Finding {
    const path = shortened(this.machine, { property, warning }, { initial, steps });
    return {
      property,
      ...(warning === undefined ? {} : { warning }),
      path,
      walk: { number: walk + 1, steps: steps.length },
    };
  }
}

/** Draws one of the first `remaining` items without replacement: moves it behind the remaining ones. */
function draw(items: Int32Array, remaining: number, random: Random): number {
  const at = random.below(remaining);
  const item = items[at] as number;
  items[at] = items[remaining - 1] as number;
  items[remaining - 1] = item;
  return item;
}
