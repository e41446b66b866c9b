/**
 * A walk that takes every reachable (state, call) pair of a scope at least once.
 *
 * At each state it takes a call that it has not taken there yet; when there is none left, it goes the shortest way to a
 * state that has one. Finding the shortest walk of all (the Chinese postman's) would take longer than walking.
 */
import type { PackedWorld } from "./packed-world.ts";
import type { StateGraph } from "./state-graph.ts";

/** Plans a walk that covers a graph, call by call. */
export class Tour {
  /** Pairs that the walk has taken so far. */
  covered = 0;
  private readonly machine: PackedWorld;
  private readonly graph: StateGraph;
  private readonly taken: Uint8Array;
  /** For each state, how many of its pairs have not been taken. */
  private readonly left: Uint16Array;
  /** Where the walk is: a real state, not a representative. */
  private readonly here: Int32Array;
  /** The orbits to pass through, the last one first. */
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

  /** Pairs in all. */
  get reachable(): number {
    return this.taken.length;
  }

  /** The walk goes on from the initial state. */
  restart(): void {
    this.machine.loadInitial();
    this.machine.save(this.here);
    this.way = [];
  }

  /**
   * The next call of the walk; the machine's current state is the one after it.
   *
   * @returns index of the call, or undefined when every pair has been taken
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

  /** Takes the call, and leaves the machine in the state after it. */
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

  /** A call that has not been taken here. */
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

  /** A call on a shortest way to a state that has pairs left. */
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

  /** Breadth first. @returns the orbits on the way, the last one first */
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
