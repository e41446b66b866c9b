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
  private readonly model: PackedWorld;
  private readonly graph: StateGraph;
  private readonly isCovered: Uint8Array;
  /** By state: number of transitions that are not covered. */
  private readonly uncovered: Uint16Array;
  /** Current state of the walk, not canonical. */
  private readonly here: Int32Array;
  /** Orbits on the path that is followed, in reverse order. */
  private path: number[] = [];
  private readonly visitedIn: Uint32Array;
  private readonly from: Uint32Array;
  private readonly queue: Uint32Array;
  private round = 0;

  constructor(model: PackedWorld, graph: StateGraph) {
    const { states, transitions, transitionsOf } = graph;
    this.model = model;
    this.graph = graph;
    this.isCovered = new Uint8Array(transitions.count);
    this.uncovered = transitionsOf.slice();
    this.here = new Int32Array(model.words);
    this.visitedIn = new Uint32Array(states.count);
    this.from = new Uint32Array(states.count);
    this.queue = new Uint32Array(states.count);
    this.restart();
  }

  /** Number of all transitions. */
  get reachable(): number {
    return this.isCovered.length;
  }

  /** Continues the walk from the initial state. */
  restart(): void {
    this.model.loadInitial();
    this.model.save(this.here);
    this.path = [];
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
    const call = (this.uncovered[orbit] as number) > 0 ? this.uncoveredCall() : this.callTowardsUncovered(orbit);
    this.execute(call, orbit);
    return call;
  }

  private orbitHere(): number {
    this.model.load(this.here);
    return this.graph.orbit();
  }

  /** Executes the call, and marks its transition as covered. */
  private execute(call: number, orbit: number): void {
    const { model, graph, isCovered, uncovered, here } = this;
    model.load(here);
    const transition = graph.transition(call);
    if (isCovered[transition] === 0) {
      isCovered[transition] = 1;
      uncovered[orbit] = (uncovered[orbit] as number) - 1;
      this.covered += 1;
    }
    model.load(here);
    model.apply(call);
    model.save(here);
  }

  /** Returns a call whose transition from the current state is not covered. */
  private uncoveredCall(): number {
    const { model, graph, isCovered, here } = this;
    this.path = [];
    for (let call = 0; call < model.calls.length; call++) {
      model.load(here);
      if (!model.apply(call)) {
        continue;
      }
      model.load(here);
      if (isCovered[graph.transition(call)] === 0) {
        return call;
      }
    }
    throw new Error("no transition of a state with uncovered ones is uncovered");
  }

  /** Returns a call on a shortest path to a state with transitions that are not covered. */
  private callTowardsUncovered(orbit: number): number {
    const { model, graph, here } = this;
    if (this.path.length === 0 || (this.uncovered[this.path[0] as number] as number) === 0) {
      this.path = this.pathFrom(orbit);
    }
    const nextOrbit = this.path.pop() as number;
    for (let call = 0; call < model.calls.length; call++) {
      model.load(here);
      if (model.apply(call) && graph.orbit() === nextOrbit) {
        return call;
      }
    }
    throw new Error("an edge of the graph is not a transition of the model");
  }

  /**
   * Searches breadth first.
   *
   * @returns the orbits on the path, in reverse order
   */
  private pathFrom(start: number): number[] {
    const { graph, uncovered, visitedIn, from, queue } = this;
    const { starts, targets } = graph;
    this.round += 1;
    visitedIn[start] = this.round;
    queue[0] = start;
    let length = 1;
    for (let i = 0; i < length; i++) {
      const state = queue[i] as number;
      for (let e = starts[state] as number; e < (starts[state + 1] as number); e++) {
        const next = targets[e] as number;
        if (visitedIn[next] === this.round) {
          continue;
        }
        visitedIn[next] = this.round;
        from[next] = state;
        if ((uncovered[next] as number) > 0) {
          return this.pathTo(next, start);
        }
        queue[length] = next;
        length += 1;
      }
    }
    throw new Error("no state with uncovered transitions is reachable");
  }

  private pathTo(target: number, start: number): number[] {
    const way: number[] = [];
    for (let at = target; at !== start; at = this.from[at] as number) {
      way.push(at);
    }
    return way;
  }
}
