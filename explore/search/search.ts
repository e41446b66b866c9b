/**
 * Exhaustive breadth-first search. States are expanded in the order they were found, so the first violation has a
 * shortest counterexample. The inner loops allocate nothing.
 */

import { type Checkpointing, checkpointOf, type Outline, outlineOf, readCheckpoint } from "../checkpoint/checkpoint.ts";
import type { Discovery, LeftOut, PathStep, Position } from "../checkpoint/position.ts";
import { type ActionCall, formatCall } from "../model/action-call.ts";
import { BeyondBounds, inAction, isOutOfRange, MachineError } from "../model/errors.ts";
import { type ActionTable, isWitness, type Machine } from "../model/machine.ts";
import { PremiseCounts } from "../model/premises.ts";
import { hashState } from "../packed/hash.ts";
import { allowDeepInlining } from "../packed/jit.ts";
import { type CopyWords, copyWords } from "../packed/word-loops.ts";
import { type RecentStates, recentStates } from "../visited/recent-states.ts";
import { NO_PARENT, StateStore } from "../visited/state-store.ts";
import type { Budget, StopReason } from "./budget.ts";
import { DeterminismCheck } from "./determinism.ts";
import { estimateStates, levelSizes } from "./estimate.ts";
import { LONG_SEARCH } from "./long-search.ts";
import { PathFinder } from "./path-finder.ts";
import type {
  ActionCoverage,
  Finding,
  Path,
  Progress,
  PropertyOutcome,
  SearchResult,
  SimulationOutcome,
  Verdict,
} from "./search-result.ts";
import { type Batch, type Hooks, type SuccessorLoop, successorLoop } from "./successors.ts";
import { SymmetryCheck } from "./symmetry-check.ts";

export type {
  ActionCoverage,
  Finding,
  LeftOut,
  Path,
  PathStep,
  Progress,
  PropertyOutcome,
  SearchResult,
  SimulationOutcome,
  Verdict,
};

/** How a search is run. */
export interface SearchOptions {
  /** Whether to search up to the machine's declared symmetry. Default: when it declares one. */
  readonly symmetry?: boolean;
  readonly budget?: Budget;
  /**
   * Whether to go on after a violation, from the violated state as from any other (as TLC's `-continue` does), and to find
   * for each property a shortest counterexample. Default: the search ends at the first violation.
   */
  readonly allViolations?: boolean;
  /** Called now and then while the search runs. */
  readonly onProgress?: (progress: Progress) => void;
  /** Polled now and then; true ends the search as interrupted. */
  readonly interrupted?: () => boolean;
  readonly checkpoint?: Checkpointing;
}

/** The first states are expanded one by one: each is checked after it. */
const FIRST_GROUP = 256;

/** How many states are expanded together, where that is possible. A divisor of POLL_INTERVAL and LONG_SEARCH. */
const GROUP = 16;

/** Sets of bits that properties read, one for each. More are taken for any bits. */
const MOST_WATCHED = 31;

/** Loops of consecutive actions, the first of which is that of action `first`. */
interface Section {
  readonly first: number;
  readonly loops: SuccessorLoop[];
  /** Whether one of the actions may be enabled. Absent: always. */
  readonly mayAnyBeEnabled?: () => boolean;
}

/** Stands for a deadlock where the index of a property is wanted. */
const DEADLOCK = -1;

/** How many states are expanded between two looks at the clock and the budget, and at the least between checkpoints. */
const POLL_INTERVAL = 1024;

/**
 * Visits every state of the machine, or as many as the budget allows.
 *
 * @throws MachineError when the machine breaks the rules: see ErrorCode
 */
export function search(machine: Machine, options: SearchOptions = {}): SearchResult {
  return new Search(machine, options).run();
}

class Search {
  private readonly machine: Machine;
  private readonly budget: Budget;
  private readonly options: SearchOptions;
  private readonly symmetry: boolean;
  private readonly canonicalize: (() => void) | undefined;
  private readonly allViolations: boolean;
  private readonly store: StateStore;
  private readonly copy: CopyWords;
  private readonly determinism: DeterminismCheck;
  private readonly symmetryCheck: SymmetryCheck | undefined;
  private readonly outline: Outline;
  private readonly started: number = performance.now();
  private saved: number = this.started;
  private earlier: Position | undefined;
  private beyond: string | undefined;

  private readonly batch: Batch;
  /** One for each action, and with one condition those of consecutive actions that it rules out together. */
  private sections: readonly Section[];
  private recent: RecentStates;
  private readonly enabled: Float64Array;
  private readonly newStates: Float64Array;
  private readonly checked: Float64Array;
  private readonly premises: PremiseCounts;
  private readonly stateProperties: number[] = [];
  /** The premises of properties, each once. */
  private readonly premisesOfStates: readonly (() => boolean)[];
  /** Index of each property's premise in them; -1 for none. */
  private readonly premiseOf: Int32Array;
  /** Whether each premise was evaluated in the state that is being checked (1), and was true (2). */
  private readonly answers: Uint8Array;
  private readonly stepProperties: number[] = [];
  /** The bits that properties read, where they say which. */
  private readonly watched: readonly Int32Array[];
  /** For each property its bit of `batch.changed`; 0 for none. */
  private readonly watchedBy: Int32Array;
  private readonly violations: Discovery[] = [];
  private readonly witnesses: Discovery[] = [];
  /** How many of the decided properties are not asked any more. */
  private forgotten = 0;
  private leftOut: LeftOut = { steps: 0 };
  /** Number of states at each depth, up to that of the states that are being expanded. */
  private levels: number[] = [];
  private transitions = 0;
  private depth = 0;
  private expanded = 0;
  /** The state whose properties are being evaluated. */
  private checking: number | undefined;
  /** Index after the last state of the level that is being expanded. */
  private levelEnd = 0;
  /** Whether states can be expanded together: what is found does not depend on it then. */
  private groups: boolean;
  /** Of the states that are expanded together, the ends of their successors in the batch. */
  private readonly ends: Int32Array = new Int32Array(GROUP);
  private readonly enabledBefore: Float64Array;
  /** Keeps the prefetching loads alive. */
  private touched = 0;

  constructor(machine: Machine, options: SearchOptions) {
    const instances = machine.actions.reduce((sum, each) => sum + each.instances, 0);
    this.machine = machine;
    this.options = options;
    this.budget = options.budget ?? {};
    this.symmetry = (options.symmetry ?? true) && machine.canonicalize !== undefined;
    this.canonicalize = this.symmetry ? machine.canonicalize : undefined;
    this.allViolations = options.allViolations ?? false;
    const { symmetry, allViolations } = this;
    this.outline = outlineOf(machine, { subject: options.checkpoint?.subject ?? "", symmetry, allViolations });
    this.store = new StateStore(machine.words);
    this.copy = copyWords(machine.words);
    this.determinism = new DeterminismCheck(machine, this.store, this.canonicalize);
    this.symmetryCheck = this.canonicalize === undefined ? undefined : new SymmetryCheck(machine, this.canonicalize);
    const most = Math.max(instances, 1) * GROUP;
    this.batch = {
      source: new Int32Array(machine.words),
      states: new Int32Array(most * machine.words),
      hashes: new Int32Array(most),
      via: new Int32Array(most),
      changed: new Int32Array(most),
      taken: 0,
    };
    this.enabled = new Float64Array(machine.actions.length);
    this.enabledBefore = new Float64Array(machine.actions.length);
    this.newStates = new Float64Array(machine.actions.length);
    this.checked = new Float64Array(machine.properties.length);
    this.premises = new PremiseCounts(machine.warnings);
    machine.properties.forEach(({ kind }, index) => {
      if (kind === "always" || kind === "sometimes") {
        this.stateProperties.push(index);
      } else if (kind === "always-step" || kind === "sometimes-step") {
        this.stepProperties.push(index);
      }
    });
    this.premisesOfStates = [...new Set(machine.properties.flatMap(({ premise }) => premise ?? []))];
    this.premiseOf = Int32Array.from(machine.properties, ({ premise }) =>
      premise === undefined ? -1 : this.premisesOfStates.indexOf(premise),
    );
    this.answers = new Uint8Array(this.premisesOfStates.length);
    this.recent = recentStates(machine.words);
    const reads = machine.properties.map((property) => property.reads);
    this.watched = reads.filter((bits) => bits !== undefined).slice(0, MOST_WATCHED);
    this.watchedBy = Int32Array.from(reads, (bits) => {
      const index = bits === undefined ? -1 : this.watched.indexOf(bits);
      return index < 0 ? 0 : 1 << index;
    });
    this.sections = this.makeSections();
    const isExact = this.budget.maxStates !== undefined;
    this.groups = !(allViolations || isExact) && this.stepProperties.length === 0 && machine.mayEnd === undefined;
  }

  private makeSections(): Section[] {
    const { machine, batch, recent, watched } = this;
    const sections: Section[] = [];
    machine.actions.forEach((table, action) => {
      const loop = successorLoop(machine, table, action, batch, recent, this.hooksFor(table, action), watched);
      const condition = table.groups?.mayAnyBeEnabled;
      const last = sections.at(-1);
      if (last !== undefined && last.mayAnyBeEnabled === condition) {
        last.loops.push(loop);
      } else {
        sections.push({
          first: action,
          loops: [loop],
          ...(condition === undefined ? {} : { mayAnyBeEnabled: condition }),
        });
      }
    });
    return sections;
  }

  private hooksFor(table: ActionTable, action: number): Hooks {
    const { machine, stepProperties, canonicalize, premises } = this;
    return {
      disabledButChanged: (instance) => this.failDisabledButChanged(table.call(instance)),
      warned: (instance) => {
        const warning = machine.warnings.first;
        const property = machine.propertyOfWarning(warning);
        this.violate({ property, warning, state: this.expanded, step: { action, instance } });
        machine.warnings.first = 0;
        return this.isOver;
      },
      ...(stepProperties.length > 0 && {
        stepped: (instance) => {
          premises.ignore();
          machine.refresh();
          try {
            this.checkStep(this.expanded, action, instance);
          } catch (error) {
            throw inAction(error, table.call(instance));
          }
          premises.count();
          return this.isOver;
        },
      }),
      ...(canonicalize !== undefined && machine.canonicalizeInSteps === undefined && { canonicalize }),
      ...(this.allViolations && { failed: (error) => this.leaveOut(error) }),
    };
  }

  /** @throws the error unless it is a step to what no state can hold, after a violation */
  private leaveOut(error: unknown): void {
    // The machine need not stay within what its author thought possible.
    if (!isOutOfRange(error) || this.violations.length === 0) {
      throw error;
    }
    this.leftOut = { why: error.message, ...this.leftOut, steps: this.leftOut.steps + 1 };
  }

  /** Whether a violation has ended the search. */
  private get isOver(): boolean {
    return !this.allViolations && this.violations.length > 0;
  }

  /** Notes a violation; where the search goes on after it, the first of each property, which is a shortest. */
  private violate(discovery: Discovery): void {
    if (!this.allViolations || !this.violations.some(({ property }) => property === discovery.property)) {
      this.violations.push(discovery);
    }
  }

  run(): SearchResult {
    this.machine.warnings.first = 0;
    this.premises.ignore();
    this.canonicalizeInSteps(true);
    try {
      const stopped = this.explore();
      this.determinism.afterSearch();
      this.canonicalizeInSteps(false);
      return this.result(stopped);
    } finally {
      this.canonicalizeInSteps(false);
      this.premises.close();
    }
  }

  /** Real executions are found with steps that keep the names of elements. */
  private canonicalizeInSteps(isOn: boolean): void {
    if (this.symmetry) {
      this.machine.canonicalizeInSteps?.(isOn);
    }
  }

  /** @returns why the search stopped early, if it did */
  private explore(): StopReason | undefined {
    try {
      const resume = this.options.checkpoint?.resume;
      if (resume === undefined) {
        if (!this.addInitialStates()) {
          return "beyond-bounds";
        }
      } else {
        this.goOnFrom(resume);
      }
      const stopped = this.isOver ? undefined : this.expandAll();
      if (stopped !== undefined) {
        this.saveCheckpoint();
      }
      return stopped;
    } catch (error) {
      throw this.withTrace(error);
    }
  }

  /** The error with an execution to the state in which it happened, if there is one. Overwrites the machine's states. */
  private withTrace(error: unknown): unknown {
    const { machine, levelEnd, expanded, checking } = this;
    const state = checking ?? (levelEnd > 0 ? expanded : undefined);
    if (!(error instanceof MachineError) || state === undefined) {
      return error;
    }
    this.canonicalizeInSteps(false);
    try {
      const { path, real } = new PathFinder(machine, this.store, this.canonicalize).pathTo(state);
      const calls = path.steps.map(({ action, instance }) => (machine.actions[action] as ActionTable).call(instance));
      return this.errorIn(real, error).at({ trace: { initial: path.initial, calls } });
    } catch {
      // A machine that does not do again what it did has no execution to show.
      return error;
    }
  }

  /** The same error in a real state: with symmetry, it was found in one whose elements are renamed. */
  private errorIn(real: Int32Array, error: MachineError): MachineError {
    const { machine, batch, checking } = this;
    try {
      if (checking === undefined) {
        batch.source.set(real);
        this.takeAll(this.expanded);
        this.determinism.afterExpanding(batch.source, 0);
      } else {
        machine.memory.set(real);
        this.checkState(checking);
      }
    } catch (again) {
      return again instanceof MachineError && again.code === error.code ? again : error;
    }
    return error;
  }

  /** @returns whether the machine can judge them */
  private addInitialStates(): boolean {
    const { machine, store } = this;
    for (let i = 0; i < machine.initialStates && !this.isOver; i++) {
      machine.loadInitial(i);
      machine.warnings.first = 0;
      this.canonicalize?.();
      const hash = hashState(machine.memory, 0, machine.words);
      const index = store.insert(machine.memory, 0, hash, NO_PARENT);
      if (index >= 0 && !this.checkIfPossible(index)) {
        return false;
      }
    }
    this.levelEnd = store.count;
    this.levels.push(store.count);
    return true;
  }

  private goOnFrom(chunks: Iterable<Uint8Array>): void {
    const position = readCheckpoint(chunks, this.outline, this.store);
    if (!this.determinism.doesAsBefore(position.expanded, position.learned)) {
      throw new MachineError(
        "bad-checkpoint",
        `machine ${this.machine.name} does not do what it did when this checkpoint was taken; search from the start`,
      );
    }
    this.earlier = position;
    this.expanded = position.expanded;
    this.depth = position.depth;
    this.levelEnd = position.levelEnd;
    this.transitions = position.transitions;
    this.enabled.set(position.enabled);
    this.newStates.set(position.newStates);
    this.checked.set(position.checked);
    this.premises.restore(position.asked);
    this.witnesses.push(...position.witnesses);
    this.violations.push(...position.violations);
    this.leftOut = position.leftOut;
    this.levels = levelSizes(this.store, this.levelEnd);
    for (const indices of [this.stateProperties, this.stepProperties]) {
      this.forgotten = 0;
      this.forgetDecided(indices);
    }
    this.sections = this.makeSections();
  }

  private saveCheckpoint(): void {
    this.options.checkpoint?.save?.(checkpointOf(this.outline, this.position(), this.store));
    this.saved = performance.now();
  }

  private position(): Position {
    const { store, expanded, depth, levelEnd, transitions, enabled, newStates, checked, premises, witnesses } = this;
    const { violations, leftOut, machine } = this;
    return {
      states: store.count,
      expanded,
      depth,
      levelEnd,
      transitions,
      seconds: this.seconds(),
      enabled: [...enabled],
      newStates: [...newStates],
      checked: [...checked],
      asked: premises.counts(),
      witnesses,
      violations,
      leftOut,
      ...(machine.learned && { learned: machine.learned.save() }),
    };
  }

  /** @returns why the search stopped early, if it did */
  private expandAll(): StopReason | undefined {
    const { store, budget } = this;
    while (this.expanded < store.count) {
      if (this.expanded === this.levelEnd) {
        this.depth += 1;
        this.levels.push(store.count - this.levelEnd);
        this.levelEnd = store.count;
      }
      if (this.depth >= (this.machine.maxSteps ?? Number.POSITIVE_INFINITY)) {
        return undefined;
      }
      if (budget.maxDepth !== undefined && this.depth >= budget.maxDepth) {
        return "max-depth";
      }
      if (this.expanded === LONG_SEARCH) {
        // New loops, which V8 has not compiled yet.
        if (this.machine.actions.some(({ applyRecipe }) => applyRecipe === undefined)) {
          allowDeepInlining();
        }
        this.sections = this.makeSections();
      }
      if (this.expanded % POLL_INTERVAL === 0) {
        const reason = this.poll();
        if (reason !== undefined) {
          return reason;
        }
      }
      if (this.groups && this.expanded >= FIRST_GROUP && this.expandGroup()) {
        if (this.isOver) {
          return undefined;
        }
        continue;
      }
      const leftOutBefore = this.leftOut.steps;
      const found = this.expandIfPossible(this.expanded);
      if (found === undefined) {
        return "beyond-bounds";
      }
      if (!this.isOver) {
        this.touched ^= store.prefetch(this.batch.hashes, found);
        this.add(0, found, this.expanded);
      }
      if (this.isOver) {
        this.lookForNearerDeadlock();
        return undefined;
      }
      if (this.leftOut.steps === leftOutBefore) {
        this.determinism.afterExpanding(this.batch.source, this.expanded);
        this.symmetryCheck?.afterExpanding(this.batch.source, this.expanded);
      }
      this.expanded += 1;
      if (budget.maxStates !== undefined && store.count > budget.maxStates) {
        return "max-states";
      }
    }
    return undefined;
  }

  /**
   * Expands the next states together: their successors are looked up at the same time, so that cache misses overlap.
   *
   * @returns false when one of them ends the search: then nothing has happened, and they are to be expanded one by one
   */
  private expandGroup(): boolean {
    const { batch, store, ends, enabled, enabledBefore, premises, transitions } = this;
    const first = this.expanded;
    const count = Math.min(GROUP - (first % GROUP), this.levelEnd - first);
    enabledBefore.set(enabled);
    premises.mark();
    const goBack = (): void => {
      this.expanded = first;
      this.transitions = transitions;
      enabled.set(enabledBefore);
      premises.goBack();
    };
    if (!this.takeGroup(first, count)) {
      goBack();
      this.violations.length = 0;
      this.groups = false;
      // The successors that it has seen are in no state of the search.
      this.recent = recentStates(this.machine.words);
      this.sections = this.makeSections();
      return false;
    }
    this.touched ^= store.prefetch(batch.hashes, ends[count - 1] as number);
    for (let i = 0; i < count; i++) {
      this.expanded = first + i;
      this.add(i === 0 ? 0 : (ends[i - 1] as number), ends[i] as number, first + i);
      if (this.isOver) {
        // Those after it are not expanded.
        goBack();
        const violations = this.violations.splice(0);
        this.takeGroup(first, i + 1);
        this.violations.push(...violations);
        return true;
      }
    }
    for (let i = 0; i < count; i++) {
      store.load(first + i, batch.source, 0);
      this.determinism.afterExpanding(batch.source, first + i);
      this.symmetryCheck?.afterExpanding(batch.source, first + i);
    }
    this.expanded = first + count;
    return true;
  }

  /**
   * Collects the successors of states.
   *
   * @returns false when that ends the search
   */
  private takeGroup(first: number, count: number): boolean {
    const { batch, store, ends, violations } = this;
    const known = violations.length;
    let found = 0;
    try {
      for (let i = 0; i < count; i++) {
        this.expanded = first + i;
        store.load(first + i, batch.source, 0);
        found = this.takeAll(first + i, found);
        ends[i] = found;
        if (violations.length > known) {
          return false;
        }
      }
    } catch {
      this.premises.ignore();
      this.machine.warnings.first = 0;
      return false;
    }
    return true;
  }

  private poll(): StopReason | undefined {
    const { budget, options, store } = this;
    options.onProgress?.(this.progress());
    if (options.interrupted?.() === true) {
      return "interrupted";
    }
    const now = performance.now();
    if (budget.timeoutSeconds !== undefined && now - this.started >= budget.timeoutSeconds * 1000) {
      return "timeout";
    }
    const soon = POLL_INTERVAL * this.batch.hashes.length;
    if (budget.maxMemoryBytes !== undefined && store.bytesWith(soon) + this.bytesElsewhere() > budget.maxMemoryBytes) {
      return "max-memory";
    }
    const every = options.checkpoint?.everySeconds;
    if (every !== undefined && now - this.saved >= every * 1000) {
      this.saveCheckpoint();
    }
    return undefined;
  }

  private bytesElsewhere(): number {
    return this.machine.stateBytes?.() ?? 0;
  }

  private seconds(): number {
    return (performance.now() - this.started) / 1000 + (this.earlier?.seconds ?? 0);
  }

  private estimate(): Pick<Progress, "estimatedStates"> {
    const estimatedStates = estimateStates(this.levels, this.store.count);
    return estimatedStates === undefined ? {} : { estimatedStates };
  }

  private progress(): Progress {
    return {
      depth: this.depth,
      states: this.store.count,
      transitions: this.transitions,
      frontier: this.store.count - this.expanded,
      ...this.estimate(),
      seconds: this.seconds(),
      tableBytes: this.store.bytes + this.bytesElsewhere(),
    };
  }

  private expand(state: number): number {
    this.store.load(state, this.batch.source, 0);
    return this.takeAll(state);
  }

  /**
   * Takes every enabled action from the state in `batch.source` and collects the successors, except those that were just
   * seen.
   *
   * @param before the number of successors that the batch has
   * @returns the number of successors that it has then
   */
  private takeAll(state: number, before: number = 0): number {
    const { machine, batch, sections, enabled } = this;
    const { memory, words } = machine;
    const { source } = batch;
    memory.set(source, 0);
    if (this.stepProperties.length > 0) {
      memory.set(source, words);
      machine.refreshBefore();
    }
    let found = before;
    let transitions = 0;
    const leftOutBefore = this.leftOut.steps;
    this.premises.count();
    for (let s = 0; s < sections.length && !this.isOver; s++) {
      const { first, loops, mayAnyBeEnabled } = sections[s] as Section;
      if (mayAnyBeEnabled !== undefined && !mayAnyBeEnabled()) {
        continue;
      }
      for (let i = 0; i < loops.length; i++) {
        found = (loops[i] as SuccessorLoop)(found);
        transitions += batch.taken;
        enabled[first + i] = (enabled[first + i] as number) + batch.taken;
        if (this.isOver) {
          break;
        }
      }
    }
    this.premises.ignore();
    this.transitions += transitions;
    if (machine.mayEnd !== undefined && transitions === 0 && this.leftOut.steps === leftOutBefore) {
      if (!this.mayEndHere(machine.mayEnd)) {
        this.violate({ property: DEADLOCK, state });
      }
    }
    return found;
  }

  /** @returns undefined when a step leads to where the machine cannot follow */
  private expandIfPossible(state: number): number | undefined {
    try {
      return this.expand(state);
    } catch (error) {
      this.endBeyondBounds(error);
      return undefined;
    }
  }

  /** @returns false when a property leads to where the machine cannot follow */
  private checkIfPossible(state: number): boolean {
    try {
      this.checkState(state);
      return true;
    } catch (error) {
      this.endBeyondBounds(error);
      return false;
    }
  }

  /** @throws what is no BeyondBounds */
  private endBeyondBounds(error: unknown): void {
    if (!(error instanceof BeyondBounds)) {
      throw error;
    }
    this.premises.ignore();
    this.beyond = error.message;
  }

  private failDisabledButChanged(action: ActionCall): never {
    const field = this.machine.firstDifference(this.batch.source);
    throw new MachineError(
      "disabled-but-changed",
      `action ${formatCall(action)} changed field ${field} and then returned false; decide before changing anything`,
      { action, field },
    );
  }

  /**
   * A violation was found one step below the current level. A state of this level that has no successors is nearer.
   */
  private lookForNearerDeadlock(): void {
    const { machine, store, levelEnd } = this;
    const { mayEnd } = machine;
    if (mayEnd === undefined || this.violations[0]?.property === DEADLOCK) {
      return;
    }
    for (let state = this.expanded + 1; state < levelEnd; state++) {
      store.load(state, machine.memory, 0);
      // The first enabled action ends the look, and only that one changes the state.
      const isEnabled = machine.actions.some((table) =>
        Array.from({ length: table.instances }, (_, i) => i).some((i) => table.apply(i)),
      );
      if (!isEnabled && !this.mayEndHere(mayEnd)) {
        this.violations.splice(0, this.violations.length, { property: DEADLOCK, state });
        return;
      }
    }
  }

  /** Whether the current state, which has no enabled action, is a legal end. */
  private mayEndHere(mayEnd: () => boolean): boolean {
    this.machine.refresh();
    const answer = mayEnd();
    this.machine.warnings.first = 0;
    return answer;
  }

  /** Adds collected successors, from one to before another, to the visited states and checks those that are new. */
  private add(from: number, end: number, parent: number): void {
    const { store, newStates, machine, copy } = this;
    const { memory, words } = machine;
    const { states, hashes, via, changed } = this.batch;
    for (let i = from; i < end; i++) {
      const index = store.insert(states, i * words, hashes[i] as number, parent);
      if (index < 0) {
        continue;
      }
      const action = via[i] as number;
      newStates[action] = (newStates[action] as number) + 1;
      copy(states, i * words, memory, 0);
      this.checkState(index, changed[i] as number);
      if (this.isOver) {
        return;
      }
    }
  }

  /** @param changed as in Batch, compared with a state whose properties were checked */
  private checkState(state: number, changed: number = -1): void {
    const { machine, stateProperties, premiseOf, answers, watchedBy, checked } = this;
    this.checking = state;
    machine.refresh();
    for (let i = 0; i < answers.length; i++) {
      answers[i] = 0;
    }
    for (let p = 0; p < stateProperties.length; p++) {
      const property = stateProperties[p] as number;
      const watched = watchedBy[property] as number;
      if (watched !== 0 && (watched & changed) === 0) {
        // It held in the state before, or it would not be checked any more, and reads nothing that has changed.
        checked[property] = (checked[property] as number) + 1;
        continue;
      }
      const premise = premiseOf[property] as number;
      if (premise < 0 || this.isTrue(premise)) {
        this.checkProperty(property, state, -1, -1);
      }
    }
    this.forgetDecided(stateProperties);
    this.checking = undefined;
    // What properties ask may warn; only actions are to blame for warnings.
    machine.warnings.first = 0;
  }

  /** Whether a premise is true in the state that is being checked. */
  private isTrue(premise: number): boolean {
    const { answers } = this;
    if (answers[premise] === 0) {
      answers[premise] = (this.premisesOfStates[premise] as () => boolean)() ? 2 : 1;
    }
    return answers[premise] === 2;
  }

  private checkStep(state: number, action: number, instance: number): void {
    const { machine, stepProperties } = this;
    for (let p = 0; p < stepProperties.length; p++) {
      this.checkProperty(stepProperties[p] as number, state, action, instance);
    }
    if (this.forgetDecided(stepProperties) && stepProperties.length === 0) {
      // From here on nobody looks at steps: loops that do not call back are faster.
      this.sections = this.makeSections();
    }
    machine.warnings.first = 0;
  }

  private checkProperty(index: number, state: number, action: number, instance: number): void {
    const property = this.machine.properties[index] as Machine["properties"][number];
    const answer = property.evaluate();
    if (answer === undefined) {
      return;
    }
    this.checked[index] = (this.checked[index] as number) + 1;
    const witness = isWitness(property.kind);
    if (answer === witness) {
      const discovery = { property: index, state, ...(action < 0 ? {} : { step: { action, instance } }) };
      if (witness) {
        this.witnesses.push(discovery);
      } else {
        this.violate(discovery);
      }
    }
  }

  /**
   * Takes decided properties out of a list: each is evaluated until its first witness or violation is found.
   *
   * @returns whether one was decided since the last call
   */
  private forgetDecided(indices: number[]): boolean {
    const decided = this.witnesses.length + this.violations.length;
    if (decided === this.forgotten) {
      return false;
    }
    this.forgotten = decided;
    for (const { property } of [...this.witnesses, ...this.violations]) {
      const at = indices.indexOf(property);
      if (at >= 0) {
        indices.splice(at, 1);
      }
    }
    return true;
  }

  private result(stopped: StopReason | undefined): SearchResult {
    const { machine, store } = this;
    const violated = this.violations.length > 0;
    const frontier = store.count - this.expanded;
    const outcome = violated ? "violated" : stopped !== undefined ? "incomplete" : "exhausted";
    const isComplete = stopped === undefined && !this.isOver && this.leftOut.steps === 0;
    const tableBytes = store.bytes + this.bytesElsewhere();
    const seconds = this.seconds();
    const paths = new PathFinder(machine, store, this.canonicalize);
    const { earlier } = this;
    return {
      outcome,
      ...(stopped === undefined ? {} : { stopped }),
      ...(this.beyond === undefined ? {} : { beyond: this.beyond }),
      states: store.count,
      transitions: this.transitions,
      depth: this.reachedDepth(),
      frontier,
      ...(frontier === 0 ? {} : this.estimate()),
      ...(this.leftOut.steps === 0 ? {} : { leftOut: this.leftOut }),
      symmetry: this.symmetry,
      properties: machine.properties.map((_, index) => this.propertyOutcome(index, isComplete)),
      actions: machine.actions.map(({ name }, index) => ({
        name,
        enabled: this.enabled[index] as number,
        newStates: this.newStates[index] as number,
      })),
      violations: this.violations.map((each) => paths.findingOf(each)),
      witnesses: this.witnesses.map((each) => paths.findingOf(each)),
      seconds,
      ...(earlier && {
        resumedAt: { states: earlier.states, transitions: earlier.transitions, seconds: earlier.seconds },
      }),
      tableBytes,
    };
  }

  /** Steps from an initial state to the state that was found last. */
  private reachedDepth(): number {
    let depth = -1;
    for (let state = this.store.count - 1; state !== NO_PARENT && state >= 0; state = this.store.parentOf(state)) {
      depth += 1;
    }
    return Math.max(depth, 0);
  }

  /** @param isComplete whether every state was visited */
  private propertyOutcome(index: number, isComplete: boolean): PropertyOutcome {
    const { id, kind, counted } = this.machine.properties[index] as Machine["properties"][number];
    const asked = counted === undefined ? this.transitions : this.premises.totalOf(counted);
    const checked = kind === "warning" ? asked : (this.checked[index] as number);
    const found = (discoveries: readonly Discovery[]): boolean => discoveries.some((each) => each.property === index);
    if (isWitness(kind)) {
      const verdict = found(this.witnesses) ? "reached" : isComplete ? "unreached" : "incomplete";
      return { id, kind, verdict, checked, vacuous: false };
    }
    // A step raises one warning, its first: any other may have been raised after it.
    const isDecided =
      isComplete && !(kind === "warning" && this.violations.some(({ warning }) => warning !== undefined));
    const verdict = found(this.violations) ? "violated" : isDecided ? "holds" : "incomplete";
    return { id, kind, verdict, checked, vacuous: verdict === "holds" && checked === 0 };
  }
}
