/**
 * Cycles in a graph of interleavings that a fair scheduler can follow without end: every CPU that can run infinitely
 * often does (strong fairness). Components that are no such cycles shrink, until a fair one is left or none.
 *
 * @see Baier, Katoen: Principles of Model Checking (2008), 6.7, fairness in CTL
 */

/** A step from one point to another. Points are numbered from 0. */
export interface CpuStep {
  readonly from: number;
  readonly to: number;
  readonly cpu: number;
}

/** Points of which each leads to each other one. */
export interface FairCycle {
  /** In ascending order. */
  readonly points: readonly number[];
  /** The steps between them. */
  readonly steps: readonly CpuStep[];
}

/** A graph of points of which it is known which CPUs can run there. */
export class InterleavingGraph {
  readonly #steps: CpuStep[] = [];
  /** By point: bits of the CPUs that can run. */
  readonly #canRun: number[] = [];
  /** Whether a step leads to a point that was known before, without which there is no cycle. */
  #mayHaveCycles = false;

  /** @param isNew whether no other step leads to the point */
  addStep(step: CpuStep, isNew: boolean): void {
    this.#steps.push(step);
    this.#mayHaveCycles ||= !isNew;
  }

  /** Records that a CPU can run at a point, whether or not its step leads to another point. */
  setCanRun(point: number, cpu: number): void {
    this.#canRun[point] = (this.#canRun[point] ?? 0) | (1 << cpu);
  }

  /** Returns the fair cycles: disjoint sets of points, as large as they can be. */
  fairCycles(): readonly FairCycle[] {
    if (!this.#mayHaveCycles) {
      return [];
    }
    const fair: FairCycle[] = [];
    const left = [this.#steps as readonly CpuStep[]];
    for (let steps = left.pop(); steps !== undefined; steps = left.pop()) {
      for (const cycle of components(steps)) {
        const running = cycle.steps.reduce((bits, { cpu }) => bits | (1 << cpu), 0);
        const unfair = new Set(cycle.points.filter((point) => ((this.#canRun[point] ?? 0) & ~running) !== 0));
        if (unfair.size === 0) {
          fair.push(cycle);
        } else {
          left.push(cycle.steps.filter(({ from, to }) => !unfair.has(from) && !unfair.has(to)));
        }
      }
    }
    return fair;
  }
}

/**
 * Returns the steps of a walk from the first point of a cycle back to it, in which every CPU of the cycle runs: for each
 * CPU in turn, a shortest way to a step of it.
 */
export function roundOf({ points, steps }: FairCycle): readonly CpuStep[] {
  const [start] = points as [number];
  const following = stepsFrom(steps);
  const walk: CpuStep[] = [];
  const here = (): number => walk.at(-1)?.to ?? start;
  for (const cpu of new Set(steps.map((step) => step.cpu))) {
    walk.push(...shortestWay(following, here(), (step) => step.cpu === cpu));
  }
  if (here() !== start) {
    walk.push(...shortestWay(following, here(), (step) => step.to === start));
  }
  return walk;
}

/** Returns a shortest way whose last step is a wanted one, which exists. */
function shortestWay(
  following: ReadonlyMap<number, readonly CpuStep[]>,
  start: number,
  isWanted: (step: CpuStep) => boolean,
): readonly CpuStep[] {
  const cameBy = new Map<number, CpuStep | undefined>([[start, undefined]]);
  for (const point of cameBy.keys()) {
    for (const step of following.get(point) ?? []) {
      if (isWanted(step)) {
        const way = [step];
        for (let by = cameBy.get(point); by !== undefined; by = cameBy.get(by.from)) {
          way.unshift(by);
        }
        return way;
      }
      if (!cameBy.has(step.to)) {
        cameBy.set(step.to, step);
      }
    }
  }
  throw new Error("the points of a cycle do not lead to each other");
}

function stepsFrom(steps: readonly CpuStep[]): ReadonlyMap<number, readonly CpuStep[]> {
  const following = new Map<number, CpuStep[]>();
  for (const step of steps) {
    const known = following.get(step.from);
    if (known === undefined) {
      following.set(step.from, [step]);
    } else {
      known.push(step);
    }
  }
  return following;
}

/** Steps as lists by the point that they start from: arrays, since there are many points. */
class StepLists {
  readonly #first: Int32Array;
  readonly #next: Int32Array;

  constructor(steps: readonly CpuStep[], points: number) {
    this.#first = new Int32Array(points).fill(-1);
    this.#next = new Int32Array(steps.length);
    steps.forEach(({ from }, i) => {
      this.#next[i] = this.#first[from] as number;
      this.#first[from] = i;
    });
  }

  /** Returns the index of a step of a point; -1 if there is none. */
  first(point: number): number {
    return this.#first[point] as number;
  }

  /** Returns the index of another step of the same point; -1 after the last. */
  after(step: number): number {
    return this.#next[step] as number;
  }
}

/** Returns the strongly connected components that have a step (Tarjan's algorithm, without recursion). */
function components(steps: readonly CpuStep[]): readonly FairCycle[] {
  const size = steps.reduce((most, { from, to }) => Math.max(most, from, to), -1) + 1;
  const lists = new StepLists(steps, size);
  const numbers = new Int32Array(size).fill(-1);
  const lowest = new Int32Array(size);
  const componentOf = new Int32Array(size).fill(-1);
  const next = new Int32Array(size);
  const open: number[] = [];
  const path: number[] = [];
  let [entered, found] = [0, 0];
  const enter = (point: number): void => {
    numbers[point] = lowest[point] = entered++;
    next[point] = lists.first(point);
    open.push(point);
    path.push(point);
  };
  const lower = (point: number, number: number): void => {
    lowest[point] = Math.min(lowest[point] as number, number);
  };
  for (let root = 0; root < size; root++) {
    if (numbers[root] === -1 && lists.first(root) !== -1) {
      enter(root);
    }
    for (let point = path.at(-1); point !== undefined; point = path.at(-1)) {
      const step = next[point] as number;
      if (step !== -1) {
        next[point] = lists.after(step);
        const { to } = steps[step] as CpuStep;
        if (numbers[to] === -1) {
          enter(to);
        } else if (componentOf[to] === -1) {
          lower(point, numbers[to] as number);
        }
        continue;
      }
      path.pop();
      const before = path.at(-1);
      if (before !== undefined) {
        lower(before, lowest[point] as number);
      }
      if (lowest[point] === numbers[point]) {
        for (let member = -1; member !== point; ) {
          member = open.pop() as number;
          componentOf[member] = found;
        }
        found++;
      }
    }
  }
  const within = new Map<number, CpuStep[]>();
  for (const step of steps) {
    const component = componentOf[step.from] as number;
    if (component === componentOf[step.to]) {
      const known = within.get(component) ?? [];
      within.set(component, known);
      known.push(step);
    }
  }
  return [...within.values()].map((inside) => ({
    points: [...new Set(inside.map(({ from }) => from))].sort((a, b) => a - b),
    steps: inside,
  }));
}
