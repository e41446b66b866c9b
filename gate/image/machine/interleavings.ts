/**
 * Every interleaving of operations on several CPUs, up to a number of preemptions: a search of its own, breadth first by
 * preemptions, over the memory together with the frames of the operations.
 *
 * @see Musuvathi, Qadeer: Iterative Context Bounding for Systematic Testing of Multithreaded Programs (PLDI 2007)
 */
import { BeyondBounds } from "../../../explore/model/errors.ts";
import type { CpuPhase, OperationCall, Turn } from "../module/cpus.ts";
import type { ImageInstance, SavedRace } from "../module/image-instance.ts";
import type { ImageReport, WaitedFor } from "../module/image-report.ts";
import { type CpuStep, type FairCycle, InterleavingGraph, roundOf } from "./fair-cycles.ts";

/** An outcome of an interleaving, with the first schedule of those with the fewest preemptions. */
export interface RaceOutcome {
  readonly kind: "done" | "fault";
  /** The state after all operations; that before them for a fault. */
  readonly memory: number;
  readonly reports: readonly ImageReport[];
  readonly turns: readonly Turn[];
  readonly preemptions: number;
}

/** Bounds of the interleavings. */
export interface RaceBounds {
  /** Kinds of points at which CPUs yield: bits of `enum image_yield_kind`. */
  readonly kinds: number;
  /** Maximum number of preemptions. */
  readonly preemptions: number;
}

/** The interleavings of some operations. */
export interface Interleavings {
  /** Each once, in the order in which the search finds them. */
  readonly outcomes: readonly RaceOutcome[];
  /** Number of distinct points between two turns. */
  readonly points: number;
  /** Whether an operation waited, or tried again, for an event that none of the others brings about. */
  readonly waitsForever: boolean;
}

/** Maximum number of points: more end the search. */
const MOST_POINTS = 200_000;

/** Locks, and what CPUs hold off likewise: operations that wait for each other with them are deadlocked. */
const LOCKS: ReadonlySet<WaitedFor> = new Set([
  "spinlock",
  "rwlock",
  "semaphore",
  "mutex",
  "interrupt",
  "grace-period",
]);

/** Events that only another CPU brings about: loops that try again. */
const ATTEMPTS: ReadonlySet<WaitedFor> = new Set(["spin", "retry"]);

const DEADLOCK: ImageReport = { kind: "harness", report: "deadlock" };
const LIVELOCK: ImageReport = { kind: "harness", report: "livelock" };

/** A point between two turns. */
interface Point {
  /** By the order in which they are found, from 0; -1 at the start. */
  readonly number: number;
  readonly saved: SavedRace;
  readonly preemptions: number;
  /** The CPU that ran last; undefined at the start. */
  readonly last: number | undefined;
  readonly before: Point | undefined;
  /** Whether the CPU that ran last stopped at a yield. */
  readonly isYield: boolean;
}

/** Work of the search: a point whose CPUs are to run, or a CPU that is to preempt another one there. */
interface Task {
  readonly point: Point;
  readonly preempting?: number;
}

/**
 * Explores the interleavings of operations from a state.
 *
 * @param instance of an image that is rewritten for stack switching
 * @throws BeyondBounds where there are too many, or the image is too small for them
 */
export function interleavings(
  instance: ImageInstance,
  memory: number,
  calls: readonly OperationCall[],
  bounds: RaceBounds,
): Interleavings {
  instance.load(memory);
  instance.startCpus(calls);
  try {
    const search = new InterleavingSearch(instance, memory, bounds);
    search.run(calls.length);
    return search.result();
  } finally {
    instance.abandonCpus();
  }
}

class InterleavingSearch {
  readonly #instance: ImageInstance;
  readonly #memory: number;
  readonly #bounds: RaceBounds;
  /** By number of preemptions, so that each outcome is found with the fewest first. */
  readonly #queues: Task[][] = [];
  readonly #visited = new VisitedPoints();
  readonly #outcomes = new Map<string, RaceOutcome>();
  readonly #points: Point[] = [];
  readonly #graph = new InterleavingGraph();
  #start: Point | undefined;
  #waitsForever = false;

  constructor(instance: ImageInstance, memory: number, bounds: RaceBounds) {
    this.#instance = instance;
    this.#memory = memory;
    this.#bounds = bounds;
  }

  run(cpus: number): void {
    const saved = this.#instance.saveCpus(this.#isUnlimited);
    this.#start = { number: -1, saved, preemptions: 0, last: undefined, before: undefined, isYield: false };
    this.#enqueue({ point: this.#start }, 0);
    for (let preemptions = 0; preemptions < this.#queues.length; preemptions++) {
      const queue = this.#queues[preemptions] as Task[];
      for (let i = 0; i < queue.length; i++) {
        const { point, preempting } = queue[i] as Task;
        if (preempting === undefined) {
          this.#expand(point, cpus);
        } else {
          this.#take(point, preempting, preemptions);
        }
      }
      queue.length = 0;
    }
    for (const cycle of this.#graph.fairCycles()) {
      this.#addCycle(cycle);
    }
  }

  result(): Interleavings {
    return {
      outcomes: [...this.#outcomes.values()],
      points: this.#visited.size,
      waitsForever: this.#waitsForever,
    };
  }

  #expand(point: Point, cpus: number): void {
    const { phases } = point.saved.cpus;
    const { last } = point;
    const canContinue = last !== undefined && phases[last]?.kind === "yielded";
    let progress = false;
    for (let cpu = 0; cpu < cpus; cpu++) {
      if (phases[cpu]?.kind === "ended") {
        continue;
      }
      if (!canContinue || cpu === last) {
        progress = this.#take(point, cpu, point.preemptions) || progress;
      } else {
        if (point.preemptions < this.#bounds.preemptions) {
          this.#enqueue({ point, preempting: cpu }, point.preemptions + 1);
        }
        if (!this.#isUnlimited) {
          // Whether or not it would have to wait: a cycle in which it never runs is not known to be fair.
          this.#graph.setCanRun(point.number, cpu);
        }
      }
    }
    if (!progress && phases.every(isStuck)) {
      this.#addStuck(point);
    }
  }

  /** @returns whether the CPU did anything but wait for the same event */
  #take(point: Point, cpu: number, preemptions: number): boolean {
    const progress = this.#runTurn(point, cpu, preemptions);
    if (progress && point.number >= 0) {
      this.#graph.setCanRun(point.number, cpu);
    }
    return progress;
  }

  #runTurn(point: Point, cpu: number, preemptions: number): boolean {
    const instance = this.#instance;
    const { phases } = point.saved.cpus;
    instance.restoreCpus(point.saved);
    const mayStop =
      preemptions < this.#bounds.preemptions && phases.some((phase, i) => i !== cpu && phase.kind !== "ended");
    const outcome = instance.runCpu(cpu, { kinds: mayStop ? this.#bounds.kinds : 0, number: 1 });
    switch (outcome.kind) {
      case "disabled":
        return true;
      case "fault":
        this.#add({ kind: "fault", memory: this.#memory, reports: outcome.reports, preemptions, point, cpu });
        return true;
      case "ready":
      case "ended":
      case "yielded":
      case "waiting": {
        if (instance.haveCpusEnded) {
          const end = instance.finishCpus();
          const memory = end.kind === "done" ? end.state : this.#memory;
          this.#add({ kind: end.kind, memory, reports: end.reports, preemptions, point, cpu });
          return true;
        }
        const saved = instance.saveCpus(this.#isUnlimited);
        const isWaitingAgain =
          outcome.kind === "waiting" &&
          phases[cpu]?.kind === "waiting" &&
          isSame(saved.cpus.words, point.saved.cpus.words);
        if (!isWaitingAgain) {
          this.#visit({ saved, preemptions, last: cpu, before: point, isYield: outcome.kind === "yielded" }, point);
        }
        return !isWaitingAgain;
      }
    }
  }

  #visit(found: Omit<Point, "number">, before: Point): void {
    // The CPU that ran last may continue without a preemption, if it stopped at a yield.
    const cpu = found.last as number;
    const number = this.#visited.numberOf(found.isYield ? cpu : -1, found.saved.cpus.words);
    const isNew = number === this.#points.length;
    // With a limit, a cycle has no preemptions.
    if (before.number >= 0 && (this.#isUnlimited || found.preemptions === before.preemptions)) {
      this.#graph.addStep({ from: before.number, to: number, cpu }, isNew);
    }
    if (isNew) {
      if (number >= MOST_POINTS) {
        throw new BeyondBounds(
          `two operations have more than ${MOST_POINTS.toLocaleString("en")} points between turns`,
        );
      }
      const point = { ...found, number };
      this.#points.push(point);
      this.#enqueue({ point }, point.preemptions);
    }
  }

  get #isUnlimited(): boolean {
    return this.#bounds.preemptions === Number.POSITIVE_INFINITY;
  }

  #enqueue(task: Task, preemptions: number): void {
    const queue = this.#queues[preemptions] ?? [];
    this.#queues[preemptions] = queue;
    queue.push(task);
  }

  #addStuck(point: Point): void {
    const { phases } = point.saved.cpus;
    const waiting = phases.filter((phase): phase is CpuPhase & { kind: "waiting" } => phase.kind === "waiting");
    if (waiting.every((phase) => LOCKS.has(phase.for))) {
      this.#addEndless(point, DEADLOCK);
    } else if (waiting.every((phase) => LOCKS.has(phase.for) || ATTEMPTS.has(phase.for)) && this.#hinder(point)) {
      this.#addEndless(point, LIVELOCK);
    } else {
      this.#waitsForever = true;
    }
  }

  #addCycle(cycle: FairCycle): void {
    const first = this.#points[cycle.points[0] as number] as Point;
    if (this.#hinder(first)) {
      this.#addEndless(
        roundOf(cycle).reduce((before, step) => this.#following(before, step), first),
        LIVELOCK,
      );
    } else {
      this.#waitsForever = true;
    }
  }

  /** Returns a point again, as the end of a step. */
  #following(before: Point, { to, cpu }: CpuStep): Point {
    const point = this.#points[to] as Point;
    return { ...point, last: cpu, before, isYield: point.saved.cpus.phases[cpu]?.kind === "yielded" };
  }

  #addEndless(point: Point, report: ImageReport): void {
    const { preemptions, saved } = point;
    this.#add({ kind: "fault", memory: this.#memory, reports: [...saved.reports, report], preemptions, point });
  }

  /**
   * Whether operations that do not end at a point hinder each other: there are several of them, and each one would end
   * if it were executed alone, after those that have ended. Otherwise it may wait for what none of them does.
   */
  #hinder(point: Point): boolean {
    const { phases } = point.saved.cpus;
    const cpus = phases.flatMap(({ kind }, cpu) => (kind === "ended" ? [] : [cpu]));
    return cpus.length > 1 && cpus.every((cpu) => this.#ends([...endedAt(point), cpu]));
  }

  /** Whether CPUs that run one after the other from the start, without preemption, end their operations. */
  #ends(cpus: readonly number[]): boolean {
    const instance = this.#instance;
    instance.restoreCpus((this.#start as Point).saved);
    return cpus.every((cpu) => instance.runCpu(cpu, { kinds: 0, number: 1 }).kind === "ended");
  }

  /** @param cpu runs from the point until its operation ends; undefined if the outcome is at the point */
  #add({
    point,
    cpu,
    ...outcome
  }: Omit<RaceOutcome, "turns"> & { readonly point: Point; readonly cpu?: number }): void {
    const form = outcome.kind === "done" ? this.#canonical(outcome.memory) : outcome.memory;
    const key = JSON.stringify([outcome.kind, form, outcome.reports]);
    if (!this.#outcomes.has(key)) {
      this.#outcomes.set(key, { ...outcome, turns: turnsTo(point, cpu, this.#bounds.kinds) });
    }
  }

  /**
   * Returns the canonical form of a state. Outcomes that differ in names only are one: whether two schedules lead to
   * the same names depends on those of the initial state, and the number of outcomes must not.
   */
  #canonical(state: number): number {
    if (this.#instance.canonicalizesInSteps) {
      return state;
    }
    const form = this.#instance.canonical(state);
    this.#instance.load(this.#memory);
    return form;
  }
}

/** Whether an operation cannot continue. */
function isStuck(phase: CpuPhase | undefined): boolean {
  return phase?.kind === "waiting" || phase?.kind === "ended";
}

/** Returns the CPUs whose operation has ended, in the order in which they ended. */
function endedAt(point: Point): readonly number[] {
  const ended: number[] = [];
  for (let at: Point | undefined = point; at?.before !== undefined; at = at.before) {
    const { last = 0, before, saved } = at;
    if (saved.cpus.phases[last]?.kind === "ended" && before.saved.cpus.phases[last]?.kind !== "ended") {
      ended.unshift(last);
    }
  }
  return ended;
}

/** Returns the turns that lead to a point, and a last one of a CPU, if any. */
function turnsTo(point: Point, cpu: number | undefined, kinds: number): readonly Turn[] {
  const turns: Turn[] = cpu === undefined ? [] : [{ cpu }];
  for (let at: Point | undefined = point; at?.last !== undefined; at = at.before) {
    const [next] = turns;
    if (next?.cpu !== at.last || !at.isYield) {
      turns.unshift({ cpu: at.last, ...(at.isYield ? { stopAt: { kinds, number: 1 } } : {}) });
    } else if (next.stopAt !== undefined) {
      // One turn, in which the CPU continues at its first yields.
      turns[0] = { cpu: next.cpu, stopAt: { kinds, number: next.stopAt.number + 1 } };
    }
  }
  return turns;
}

function isSame(one: Int32Array, other: Int32Array): boolean {
  if (one.length !== other.length) {
    return false;
  }
  for (let i = 0; i < one.length; i++) {
    if (one[i] !== other[i]) {
      return false;
    }
  }
  return true;
}

/** Points that were visited, by the CPU that may continue and by memory and frames, compared word by word. */
class VisitedPoints {
  readonly #byHash = new Map<number, { readonly cpu: number; readonly words: Int32Array; readonly number: number }[]>();
  size = 0;

  /** Returns the number of a point, which is that of points before it if the point is new. */
  numberOf(cpu: number, words: Int32Array): number {
    const hash = hashOf(words) + cpu;
    const known = this.#byHash.get(hash);
    const same = known?.find((each) => each.cpu === cpu && isSame(each.words, words));
    if (same !== undefined) {
      return same.number;
    }
    const number = this.size++;
    if (known === undefined) {
      this.#byHash.set(hash, [{ cpu, words, number }]);
    } else {
      known.push({ cpu, words, number });
    }
    return number;
  }
}

function hashOf(words: Int32Array): number {
  let hash = 0x9e37_79b9;
  for (let i = 0; i < words.length; i++) {
    hash = Math.imul(hash ^ (words[i] as number), 0x85eb_ca6b);
    hash ^= hash >>> 13;
  }
  return hash;
}
