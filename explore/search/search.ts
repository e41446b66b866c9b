/**
 * Exhaustive breadth-first search. States are expanded in the order they were found, so the first violation has a
 * shortest counterexample. The inner loops allocate nothing.
 */

import { type Checkpointing, checkpointOf, type Outline, outlineOf, readCheckpoint } from "../checkpoint/checkpoint.ts";
import type { LeftOut, PathStep, Position } from "../checkpoint/position.ts";
import { BeyondBounds, MachineError } from "../model/errors.ts";
import type { ActionTable, Machine } from "../model/machine.ts";
import { hashState } from "../packed/hash.ts";
import { allowDeepInlining } from "../packed/jit.ts";
import { type CopyWords, copyWords } from "../packed/word-loops.ts";
import { type Spill, SpillingStore } from "../visited/spilling-store.ts";
import { SpillFailed } from "../visited/state-file.ts";
import { NO_PARENT, StateStore } from "../visited/state-store.ts";
import type { Budget, StopReason } from "./budget.ts";
import { DeterminismCheck } from "./determinism.ts";
import { estimateStates, levelSizes } from "./estimate.ts";
import { Expansion, GROUP } from "./expansion.ts";
import { LONG_SEARCH } from "./long-search.ts";
import { ChunkCommit } from "./parallel/chunk-commit.ts";
import type { ExpandedChunk } from "./parallel/expanded-chunk.ts";
import { chunkObstacle } from "./parallel/model-source.ts";
import type { Team, Workers } from "./parallel/team.ts";
import { WorkerLost } from "./parallel/worker-lost.ts";
import { PathFinder } from "./path-finder.ts";
import { DEADLOCK, PropertyChecks } from "./property-checks.ts";
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
import { SpilledExpansion } from "./spilled-expansion.ts";
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

/** Options of a search. */
export interface SearchOptions {
  /** Whether to search up to the machine's declared symmetry. Default: when it declares one. */
  readonly symmetry?: boolean;
  readonly budget?: Budget;
  /**
   * Whether to continue after a violation, from the violated state as from any other (as TLC's `-continue` does), and to
   * find for each property a shortest counterexample. Default: the search ends at the first violation.
   */
  readonly allViolations?: boolean;
  /** Called from time to time while the search runs. */
  readonly onProgress?: (progress: Progress) => void;
  /** Polled from time to time; true ends the search as interrupted. */
  readonly interrupted?: () => boolean;
  readonly checkpoint?: Checkpointing;
  /** Threads that expand states. The result does not depend on their number. Default: none besides the search's own. */
  readonly workers?: Workers;
  /**
   * Where states are moved when `budget.maxMemoryBytes` is reached, which does not end the search then. The result does
   * not depend on it.
   */
  readonly spill?: Spill;
}

/** The first states are expanded one by one: each is checked after it. */
const FIRST_GROUP = 256;

/** Number of states that are expanded between two polls of clock and budget: the smallest distance of checkpoints. */
const POLL_INTERVAL = 1024;

/**
 * Visits every state of the machine, or as many as the budget allows.
 *
 * @throws MachineError when the machine breaks the rules: see ErrorCode
 * @throws WorkerLost when a worker ends before the search, which has written a checkpoint then
 * @throws SpillFailed when states that were moved to disk cannot be read
 */
export function search(machine: Machine, options: SearchOptions = {}): SearchResult {
  return new Search(machine, options).run();
}

/**
 * The store of a search that can move states to disk.
 *
 * @throws MachineError for a machine whose states cannot be expanded in chunks
 */
function spillingStore(
  machine: Machine,
  { spill, budget }: SearchOptions,
  isShared: boolean,
): SpillingStore | undefined {
  const limit = budget?.maxMemoryBytes;
  if (spill === undefined || limit === undefined) {
    return undefined;
  }
  const obstacle = chunkObstacle(machine);
  if (obstacle !== undefined) {
    throw new MachineError("bad-model", `machine ${machine.name}: ${obstacle}`);
  }
  return new SpillingStore(machine.words, isShared, { spill, properties: machine.properties.length, limit });
}

class Search {
  private readonly machine: Machine;
  private readonly options: SearchOptions;
  private readonly symmetry: boolean;
  private readonly canonicalize: (() => void) | undefined;
  private readonly store: StateStore;
  /** The same store, if it moves states to disk. */
  private readonly spilling: SpillingStore | undefined;
  private readonly spilled: SpilledExpansion | undefined;
  private readonly checks: PropertyChecks;
  private readonly expansion: Expansion;
  private readonly determinism: DeterminismCheck;
  private readonly symmetryCheck: SymmetryCheck | undefined;
  private readonly outline: Outline;
  private readonly started: number = performance.now();
  private saved: number = this.started;
  private earlier: Position | undefined;
  private beyond: string | undefined;
  private readonly copy: CopyWords;
  /** For each action, the number of new states that it led to. */
  private readonly newStates: Float64Array;
  /** Number of states at each depth, up to that of the states that are being expanded. */
  private levels: number[] = [];
  private depth = 0;
  private expanded = 0;
  /** Index after the last state of the level that is being expanded. */
  private levelEnd = 0;
  /** Whether states can be expanded together: results do not depend on it then. */
  private groups: boolean;
  /** Of the states that are expanded together, the ends of their successors in the batch. */
  private readonly ends: Int32Array = new Int32Array(GROUP);
  private readonly enabledBefore: Float64Array;
  /** Keeps the prefetching loads alive. */
  private touched = 0;
  private readonly team: Team | undefined;
  private readonly commit: ChunkCommit;

  constructor(machine: Machine, options: SearchOptions) {
    const { budget, symmetry = true, allViolations = false, checkpoint, workers } = options;
    const isParallel = workers !== undefined && workers.count > 1;
    this.machine = machine;
    this.options = options;
    this.symmetry = symmetry && machine.canonicalize !== undefined;
    const canonicalize = this.symmetry ? machine.canonicalize : undefined;
    this.canonicalize = canonicalize;
    this.outline = outlineOf(machine, { subject: checkpoint?.subject ?? "", symmetry: this.symmetry, allViolations });
    this.spilling = spillingStore(machine, options, isParallel);
    this.store = this.spilling ?? new StateStore(machine.words, isParallel);
    this.copy = copyWords(machine.words);
    this.checks = new PropertyChecks(machine, allViolations);
    this.expansion = new Expansion(machine, this.store, this.checks, { canonicalize, allViolations });
    this.determinism = new DeterminismCheck(machine, this.store, canonicalize);
    this.symmetryCheck = canonicalize === undefined ? undefined : new SymmetryCheck(machine, canonicalize);
    this.enabledBefore = new Float64Array(machine.actions.length);
    this.newStates = new Float64Array(machine.actions.length);
    const isExact = budget?.maxStates !== undefined;
    this.groups = !(allViolations || isExact) && !this.checks.checksSteps && machine.mayEnd === undefined;
    const { store, spilling, checks, expansion, newStates } = this;
    this.commit = new ChunkCommit(machine.words, { store, spilling, checks, expansion, newStates });
    this.spilled =
      spilling && new SpilledExpansion(machine, spilling, checks, { symmetry: this.symmetry, allViolations });
    this.team = isParallel ? workers.team(machine, store, checks, this.outline) : undefined;
  }

  run(): SearchResult {
    const { premises } = this.checks;
    this.machine.warnings.first = 0;
    premises.ignore();
    this.canonicalizeInSteps(true);
    try {
      const stopped = this.explore();
      this.determinism.afterSearch();
      this.canonicalizeInSteps(false);
      return this.result(stopped);
    } finally {
      this.team?.stop();
      this.spilling?.close();
      this.canonicalizeInSteps(false);
      premises.close();
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
        this.resumeFrom(resume);
      }
      const stopped = this.checks.isOver ? undefined : this.expandAll();
      if (stopped !== undefined) {
        this.saveCheckpoint();
      }
      return stopped;
    } catch (error) {
      if (error instanceof WorkerLost) {
        this.saveCheckpoint();
      }
      throw this.withTrace(error);
    }
  }

  /** The error with an execution to the state in which it happened, if there is one. Overwrites the machine's states. */
  private withTrace(error: unknown): unknown {
    const { machine, levelEnd, expanded, checks, determinism } = this;
    const state = checks.checking ?? determinism.failedIn ?? (levelEnd > 0 ? expanded : undefined);
    if (!(error instanceof MachineError) || state === undefined) {
      return error;
    }
    this.canonicalizeInSteps(false);
    try {
      const { path, real } = new PathFinder(machine, this.store, this.canonicalize).pathTo(state);
      const calls = path.steps.map(({ action, instance }) => (machine.actions[action] as ActionTable).call(instance));
      return this.errorIn(real, error).at({ trace: { initial: path.initial, calls } });
    } catch {
      // A machine that does not repeat its own steps has no execution to show.
      return error;
    }
  }

  /** The same error in a real state: with symmetry, it was raised in one whose elements are renamed. */
  private errorIn(real: Int32Array, error: MachineError): MachineError {
    const { machine, expansion, checks } = this;
    const { checking } = checks;
    try {
      if (checking === undefined) {
        expansion.batch.source.set(real);
        expansion.takeAll(this.expanded);
        this.determinism.afterExpanding(expansion.batch.source, 0);
      } else {
        machine.memory.set(real);
        checks.checkState(checking);
      }
    } catch (again) {
      return again instanceof MachineError && again.code === error.code ? again : error;
    }
    return error;
  }

  /** @returns whether the machine can evaluate them */
  private addInitialStates(): boolean {
    const { machine, store } = this;
    for (let i = 0; i < machine.initialStates && !this.checks.isOver; i++) {
      machine.loadInitial(i);
      machine.warnings.first = 0;
      this.canonicalize?.();
      const hash = hashState(machine.memory, 0, machine.words);
      const index = store.insert(machine.memory, 0, hash, NO_PARENT);
      if (index >= 0) {
        try {
          this.checks.checkState(index);
        } catch (error) {
          this.endBeyondBounds(error);
          return false;
        }
      }
    }
    this.levelEnd = store.count;
    this.levels.push(store.count);
    return true;
  }

  private resumeFrom(chunks: Iterable<Uint8Array>): void {
    const { store, expansion, checks } = this;
    const position = readCheckpoint(chunks, this.outline, store);
    if (!this.determinism.doesAsBefore(position.expanded, position.learned, () => this.settle())) {
      throw new MachineError(
        "bad-checkpoint",
        `machine ${this.machine.name} does not do what it did when this checkpoint was taken; search from the start`,
      );
    }
    this.earlier = position;
    this.expanded = position.expanded;
    this.depth = position.depth;
    this.levelEnd = position.levelEnd;
    this.newStates.set(position.newStates);
    expansion.transitions = position.transitions;
    expansion.enabled.set(position.enabled);
    expansion.leftOut = position.leftOut;
    checks.restore(position);
    this.levels = levelSizes(store, this.levelEnd);
    expansion.renewLoops();
  }

  private saveCheckpoint(): void {
    this.settle();
    this.options.checkpoint?.save?.(checkpointOf(this.outline, this.position(), this.store));
    this.saved = performance.now();
  }

  private position(): Position {
    const { store, expanded, depth, levelEnd, newStates, expansion, checks, machine } = this;
    return {
      states: store.count,
      expanded,
      depth,
      levelEnd,
      transitions: expansion.transitions,
      seconds: this.seconds(),
      enabled: [...expansion.enabled],
      newStates: [...newStates],
      checked: [...checks.checked],
      evaluations: checks.premises.counts(),
      witnesses: checks.witnesses,
      violations: checks.violations,
      leftOut: expansion.leftOut,
      ...(machine.learned && { learned: machine.learned.save() }),
    };
  }

  /** @returns why the search stopped early, if it did */
  private expandAll(): StopReason | undefined {
    const { store, expansion, checks, machine } = this;
    const { maxDepth, maxStates } = this.options.budget ?? {};
    while (this.expanded < store.count) {
      if (this.expanded === this.levelEnd) {
        this.depth += 1;
        this.levels.push(store.count - this.levelEnd);
        this.levelEnd = store.count;
      }
      if (this.depth >= (machine.maxSteps ?? Number.POSITIVE_INFINITY)) {
        return undefined;
      }
      if (maxDepth !== undefined && this.depth >= maxDepth) {
        return "max-depth";
      }
      if (this.expanded === LONG_SEARCH) {
        // New loops, which V8 has not compiled yet.
        if (machine.actions.some(({ applyRecipe }) => applyRecipe === undefined)) {
          allowDeepInlining();
        }
        expansion.renewLoops();
      }
      if (this.expanded % POLL_INTERVAL === 0) {
        const reason = this.poll();
        if (reason !== undefined) {
          return reason;
        }
      }
      if (!this.makeRoom(expansion.batch.hashes.length)) {
        return "max-memory";
      }
      if (this.addNextChunk()) {
        continue;
      }
      if (this.groups && this.expanded >= FIRST_GROUP && this.expandGroup()) {
        if (checks.isOver) {
          return undefined;
        }
        continue;
      }
      if (!this.expandNext()) {
        return "beyond-bounds";
      }
      if (checks.isOver) {
        this.preferNearerDeadlock();
        return undefined;
      }
      this.expanded += 1;
      if (maxStates !== undefined && store.count > maxStates) {
        return "max-states";
      }
    }
    return undefined;
  }

  /** Expands the next state. @returns false when a step leaves the bounds of the machine */
  private expandNext(): boolean {
    const { store, expansion, checks, expanded } = this;
    const { batch } = expansion;
    const leftOutBefore = expansion.leftOut.steps;
    let found: number;
    try {
      found = expansion.expand(expanded);
    } catch (error) {
      this.endBeyondBounds(error);
      return false;
    }
    if (!checks.isOver) {
      this.touched ^= store.prefetch(batch.hashes, 0, found);
      this.add(0, found, expanded);
    }
    if (!checks.isOver && expansion.leftOut.steps === leftOutBefore) {
      this.checkExpansion(expanded);
    }
    return true;
  }

  /** Checks determinism and symmetry on the state in the batch. */
  private checkExpansion(state: number): void {
    const { source } = this.expansion.batch;
    this.determinism.afterExpanding(source, state);
    this.symmetryCheck?.afterExpanding(source, state);
  }

  /**
   * Expands the next states together: their successors are looked up at the same time, so that cache misses overlap.
   *
   * @returns false when one of them ends the search: then nothing has happened, and they are to be expanded one by one
   */
  private expandGroup(): boolean {
    const { store, ends, enabledBefore, expansion, checks } = this;
    const { batch } = expansion;
    const first = this.expanded;
    const count = Math.min(GROUP - (first % GROUP), this.levelEnd - first);
    const mark = expansion.mark(enabledBefore);
    const goBack = (): void => {
      this.expanded = first;
      expansion.goBack(mark);
    };
    if (!this.takeGroup(first, count)) {
      goBack();
      checks.violations.length = 0;
      this.groups = false;
      expansion.forgetRecent();
      return false;
    }
    this.touched ^= store.prefetch(batch.hashes, 0, ends[count - 1] as number);
    for (let i = 0; i < count; i++) {
      this.expanded = first + i;
      this.add(i === 0 ? 0 : (ends[i - 1] as number), ends[i] as number, first + i);
      if (checks.isOver) {
        // Those after it are not expanded.
        goBack();
        const violations = checks.violations.splice(0);
        this.takeGroup(first, i + 1);
        checks.violations.push(...violations);
        return true;
      }
    }
    this.checkExpansions(first, first + count);
    this.expanded = first + count;
    return true;
  }

  /** Checks determinism and symmetry on expanded states. */
  private checkExpansions(from: number, end: number): void {
    const { source } = this.expansion.batch;
    for (let state = from; state < end; state++) {
      // For the trace of an error.
      this.expanded = state;
      this.store.load(state, source, 0);
      this.checkExpansion(state);
    }
  }

  /**
   * Adds the successors of the next states, if they are expanded in chunks: by workers, or because states are on disk.
   *
   * @returns false when the next state is to be expanded here: then nothing has happened
   */
  private addNextChunk(): boolean {
    const { team, expanded, levelEnd } = this;
    const spilled = this.spilling?.isSpilled === true ? this.spilled : undefined;
    if (spilled?.isLookedUp(expanded) === true) {
      return false;
    }
    this.spilling?.forgetLookedUp();
    const ofWorker = team?.chunkAt(expanded, levelEnd);
    const chunk = ofWorker ?? spilled?.expand(expanded, levelEnd);
    if (chunk === undefined) {
      return false;
    }
    const isAdded = chunk.isExpanded && this.fits(chunk);
    if (isAdded) {
      this.addChunk(chunk);
    } else if (spilled !== undefined) {
      this.settle();
      spilled.lookUpSuccessors(chunk);
    }
    if (ofWorker !== undefined) {
      team?.release();
    }
    return isAdded;
  }

  /** Whether the successors of a chunk cannot reach the limit on states. */
  private fits({ successors }: ExpandedChunk): boolean {
    const { maxStates = Number.POSITIVE_INFINITY } = this.options.budget ?? {};
    const pending = this.spilling?.pending.count ?? 0;
    if (pending > 0 && this.store.count + pending + successors > maxStates) {
      this.settle();
      return this.store.count + successors <= maxStates;
    }
    return this.store.count + pending + successors <= maxStates;
  }

  /** Adds the results of a chunk, as if the states had been expanded one by one. */
  private addChunk(chunk: ExpandedChunk): void {
    const { first, end } = chunk;
    // If there is none, the search ends after this chunk.
    this.makeRoom(chunk.successors);
    for (let from = first, to = from; from < end; from = to) {
      const isGroup = this.groups && from >= FIRST_GROUP;
      to = isGroup ? Math.min(from - (from % GROUP) + GROUP, end) : from + 1;
      this.expanded = to - 1;
      this.commit.addSuccessors(chunk, from, to);
      this.checkExpansions(from, to);
    }
    this.commit.addCounts(chunk);
    this.expanded = end;
    if (end === this.levelEnd) {
      this.settle();
    }
  }

  /** Finds out which of the pending states are new, and adds those. */
  private settle(): void {
    this.commit.settle();
  }

  /**
   * Moves states to disk if that is necessary and possible.
   *
   * @param extra number of states for which there should be room
   * @returns whether there is; true for a search that moves no states to disk, whose limit is checked by polls
   */
  private makeRoom(extra: number): boolean {
    const { spilling, spilled, expanded } = this;
    if (spilling === undefined || spilled?.isLookedUp(expanded) === true || spilling.hasRoomFor(extra)) {
      return true;
    }
    this.settle();
    try {
      return spilling.makeRoom(extra);
    } catch (error) {
      if (!(error instanceof SpillFailed)) {
        throw error;
      }
      this.beyond = error.message;
      return false;
    }
  }

  /**
   * Collects the successors of states.
   *
   * @returns false when that ends the search
   */
  private takeGroup(first: number, count: number): boolean {
    const { ends, expansion, checks } = this;
    const before = checks.violations.length;
    let found = 0;
    try {
      for (let i = 0; i < count; i++) {
        this.expanded = first + i;
        found = expansion.expand(first + i, found);
        ends[i] = found;
        if (checks.violations.length > before) {
          return false;
        }
      }
    } catch {
      checks.premises.ignore();
      this.machine.warnings.first = 0;
      return false;
    }
    return true;
  }

  /** Adds collected successors, from one to before another, to the visited states and checks those that are new. */
  private add(from: number, end: number, parent: number): void {
    const { store, newStates, machine, copy, checks } = this;
    const { memory, words } = machine;
    const { states, hashes, via, changed } = this.expansion.batch;
    for (let i = from; i < end; i++) {
      const index = store.insert(states, i * words, hashes[i] as number, parent);
      if (index < 0) {
        continue;
      }
      const action = via[i] as number;
      newStates[action] = (newStates[action] as number) + 1;
      copy(states, i * words, memory, 0);
      checks.checkState(index, changed[i] as number);
      if (checks.isOver) {
        return;
      }
    }
  }

  /** Ends the search at a step that leaves the bounds of the machine. @throws any error that is no BeyondBounds */
  private endBeyondBounds(error: unknown): void {
    if (!(error instanceof BeyondBounds)) {
      throw error;
    }
    this.checks.premises.ignore();
    this.beyond = error.message;
  }

  /** A violation was found one step below the current level. A state of this level that has no successors is nearer. */
  private preferNearerDeadlock(): void {
    const { levelEnd, expansion, checks } = this;
    const { mayEnd } = this.machine;
    if (mayEnd === undefined || checks.violations[0]?.property === DEADLOCK) {
      return;
    }
    const state = expansion.deadlockAmong(this.expanded + 1, levelEnd, mayEnd);
    if (state !== undefined) {
      checks.violations.splice(0, checks.violations.length, { property: DEADLOCK, state });
    }
  }

  private poll(): StopReason | undefined {
    const { options, store } = this;
    const { timeoutSeconds, maxMemoryBytes } = options.budget ?? {};
    options.onProgress?.(this.progress());
    if (options.interrupted?.() === true) {
      return "interrupted";
    }
    const now = performance.now();
    if (timeoutSeconds !== undefined && now - this.started >= timeoutSeconds * 1000) {
      return "timeout";
    }
    const soon = POLL_INTERVAL * this.expansion.batch.hashes.length;
    const endsWhenFull = this.spilling === undefined && maxMemoryBytes !== undefined;
    if (endsWhenFull && store.bytesWith(soon) + this.bytesElsewhere() > maxMemoryBytes) {
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
    // Some of the pending states may turn out to be visited.
    const states = this.store.count + (this.spilling?.pending.count ?? 0);
    return {
      depth: this.depth,
      states,
      transitions: this.expansion.transitions,
      frontier: states - this.expanded,
      ...this.estimate(),
      seconds: this.seconds(),
      tableBytes: this.store.bytes + this.bytesElsewhere(),
    };
  }

  private result(stopped: StopReason | undefined): SearchResult {
    const { machine, store, checks, expansion, earlier } = this;
    const { violations, witnesses } = checks;
    const { leftOut, transitions } = expansion;
    const frontier = store.count - this.expanded;
    const outcome = violations.length > 0 ? "violated" : stopped !== undefined ? "incomplete" : "exhausted";
    const isComplete = stopped === undefined && !checks.isOver && leftOut.steps === 0;
    const tableBytes = store.bytes + this.bytesElsewhere();
    const seconds = this.seconds();
    const paths = new PathFinder(machine, store, this.canonicalize);
    return {
      outcome,
      ...(stopped === undefined ? {} : { stopped }),
      ...(this.beyond === undefined ? {} : { beyond: this.beyond }),
      states: store.count,
      transitions,
      depth: this.reachedDepth(),
      frontier,
      ...(frontier === 0 ? {} : this.estimate()),
      ...(leftOut.steps === 0 ? {} : { leftOut }),
      symmetry: this.symmetry,
      properties: machine.properties.map((_, index) => checks.outcome(index, isComplete, transitions)),
      actions: machine.actions.map(({ name }, index) => ({
        name,
        enabled: expansion.enabled[index] as number,
        newStates: this.newStates[index] as number,
      })),
      violations: violations.map((each) => paths.findingOf(each)),
      witnesses: witnesses.map((each) => paths.findingOf(each)),
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
}
