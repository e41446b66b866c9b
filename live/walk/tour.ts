/**
 * A walk that covers each reachable transition of a scope at least once.
 *
 * In each state it selects a transition that is not covered yet; if there is none, it follows a shortest path to a
 * state that has one. A minimal walk (Chinese postman problem) would take longer to compute than this one to execute.
 */
import type { PackedWorld } from "./packed-world.ts";
import type { StateGraph } from "./state-graph.ts";

/** Plans a walk that covers a graph, call by call. */
export class Tour {
  /** Number of transitions that the walk has covered. */
  covered = 0;
  private readonly machine: PackedWorld;
  private readonly graph: StateGraph;
  private readonly taken: Uint8Array;
  /** By state: number of transitions that are not covered. */
  private readonly left: Uint16Array;
  /** Current state of the walk, not canonical. */
  private readonly here: Int32Array;
  /** Orbits on the path that is followed, in reverse order. */
  private way: number[] = [];
  private readonly seen: Uint32Array;
  private readonly from: Uint32Array;
  private readonly queue: Uint32Array;
  private round = 0;

  constructor(machine: PackedWorld, graph: StateGraph) {
    const { states, pairs, pairsOf } = graph;
    this.machine = machine;
    this.graph = graph;
    this.taken = new Uint8Array(pairs.count);
    this.left = pairsOf.slice();
    this.here = new Int32Array(machine.words);
    this.seen = new Uint32Array(states.count);
    this.from = new Uint32Array(states.count);
    this.queue = new Uint32Array(states.count);
    this.restart();
  }

  /** Number of all transitions. */
  get reachable(): number {
    return this.taken.length;
  }

  /** Continues the walk from the initial state. */
  restart(): void {
    this.machine.loadInitial();
    this.machine.save(this.here);
    this.way = [];
  }

  /**
   * Selects and executes the next call. The model is then in the state after it.
   *
   * @returns index of the call; undefined when all transitions are covered
   */
  next(): number | undefined {
    if (this.covered === this.reachable) {
      return undefined;
    }
    const orbit = this.orbitHere();
    const call = (this.left[orbit] as number) > 0 ? this.untaken() : this.towardsUntaken(orbit);
    this.take(call, orbit);
    return call;
  }

  private orbitHere(): number {
    this.machine.load(this.here);
    return this.graph.orbit();
  }

  /** Executes the call, and marks its transition as covered. */
  private take(call: number, orbit: number): void {
    const { machine, graph, taken, left, here } = this;
    machine.load(here);
    const pair = graph.pair(call);
    if (taken[pair] === 0) {
      taken[pair] = 1;
      left[orbit] = (left[orbit] as number) - 1;
      this.covered += 1;
    }
    machine.load(here);
    machine.apply(call);
    machine.save(here);
  }

  /** Returns a call whose transition from the current state is not covered. */
  private untaken(): number {
    const { machine, graph, taken, here } = this;
    this.way = [];
    for (let call = 0; call < machine.calls.length; call++) {
      machine.load(here);
      if (!machine.apply(call)) {
        continue;
      }
      machine.load(here);
      if (taken[graph.pair(call)] === 0) {
        return call;
      }
    }
    throw new Error("a state that has pairs left has none");
  }

  /** Returns a call on a shortest path to a state with transitions that are not covered. */
  private towardsUntaken(orbit: number): number {
    const { machine, graph, here } = this;
    if (this.way.length === 0 || (this.left[this.way[0] as number] as number) === 0) {
      this.way = this.wayFrom(orbit);
    }
    const wanted = this.way.pop() as number;
    for (let call = 0; call < machine.calls.length; call++) {
      machine.load(here);
      if (machine.apply(call) && graph.orbit() === wanted) {
        return call;
      }
    }
    throw new Error("a step of the graph is no step of the machine");
  }

  /**
   * Searches breadth first.
   *
   * @returns the orbits on the path, in reverse order
   */
  private wayFrom(start: number): number[] {
    const { graph, left, seen, from, queue } = this;
    const { starts, targets } = graph;
    this.round += 1;
    seen[start] = this.round;
    queue[0] = start;
    let length = 1;
    for (let i = 0; i < length; i++) {
      const state = queue[i] as number;
      for (let e = starts[state] as number; e < (starts[state + 1] as number); e++) {
        const next = targets[e] as number;
        if (seen[next] === this.round) {
          continue;
        }
        seen[next] = this.round;
        from[next] = state;
        if ((left[next] as number) > 0) {
          return this.wayTo(next, start);
        }
        queue[length] = next;
        length += 1;
      }
    }
    throw new Error("no state with pairs left can be reached from here");
  }

  private wayTo(target: number, start: number): number[] {
    const way: number[] = [];
    for (let at = target; at !== start; at = this.from[at] as number) {
      way.push(at);
    }
    return way;
  }
}
