/**
 * All states and transitions of a scope, up to symmetry (renaming of MMs and folios), and the edges between the states.
 * Tours are planned on this graph.
 */
import { hashState } from "../../explore/packed/hash.ts";
import { NO_PARENT, StateStore } from "../../explore/visited/state-store.ts";
import type { PackedWorld } from "./packed-world.ts";

/** Called repeatedly; returns true to stop. */
export type Interrupted = () => boolean;

/** Thrown when the exploration was interrupted. */
export class GraphIncomplete extends Error {}

const CHECK_INTERVAL = 1024;

/** The states and transitions of a scope. */
export class StateGraph {
  /** Canonical states, in breadth-first order. */
  readonly states: StateStore;
  /** Transitions: a canonical form with marked elements, and the shape of the call. */
  readonly transitions: StateStore;
  /**
   * Successors of state `s`, without duplicates and without `s` itself: `targets[starts[s]] … targets[starts[s + 1] -
   * 1]`.
   */
  readonly starts: Uint32Array;
  readonly targets: Uint32Array;
  /** By state: its number of transitions. */
  readonly transitionsOf: Uint16Array;
  private readonly model: PackedWorld;
  private readonly key: Int32Array;

  /** @throws GraphIncomplete when interrupted */
  constructor(model: PackedWorld, interrupted: Interrupted = () => false) {
    this.model = model;
    const { words } = model;
    this.states = new StateStore(words);
    this.transitions = new StateStore(words + 1);
    this.key = new Int32Array(words + 1);
    const edges = new EdgeList();
    const transitionsOf: number[] = [];
    const state = new Int32Array(words);
    model.loadInitial();
    model.canonicalize();
    this.addState();
    for (let s = 0; s < this.states.count; s++) {
      if (s % CHECK_INTERVAL === 0 && interrupted()) {
        throw new GraphIncomplete("interrupted while the states of the scope were being counted");
      }
      this.states.load(s, state, 0);
      transitionsOf.push(this.expand(s, state, edges));
    }
    this.starts = Uint32Array.from(edges.starts);
    this.targets = edges.targets.slice(0, edges.count);
    this.transitionsOf = Uint16Array.from(transitionsOf);
  }

  /** @returns the number of transitions of the state */
  private expand(s: number, state: Int32Array, edges: EdgeList): number {
    const { model, transitions } = this;
    const before = transitions.count;
    edges.startState();
    for (let call = 0; call < model.calls.length; call++) {
      model.load(state);
      if (!model.apply(call)) {
        continue;
      }
      model.canonicalize();
      const next = this.addState();
      if (next !== s) {
        edges.add(next);
      }
      model.load(state);
      model.saveTransition(call, this.key);
      transitions.insert(this.key, 0, hashState(this.key, 0, this.key.length), NO_PARENT);
    }
    edges.endState();
    return transitions.count - before;
  }

  /**
   * Adds the current state, unless it is in the graph.
   *
   * @returns its index
   */
  private addState(): number {
    const { memory, words } = this.model;
    const added = this.states.insert(memory, 0, hashState(memory, 0, words), NO_PARENT);
    return added >= 0 ? added : this.states.indexOf(memory, 0);
  }

  /** Returns the index of the orbit of the current state, which becomes canonical. */
  orbit(): number {
    this.model.canonicalize();
    return this.states.indexOf(this.model.memory, 0);
  }

  /** Returns the index of the transition that an enabled call makes from the current state. Overwrites the state. */
  transition(call: number): number {
    this.model.saveTransition(call, this.key);
    return this.transitions.indexOf(this.key, 0);
  }
}

/** Successors, grouped by state. */
class EdgeList {
  readonly starts: number[] = [0];
  targets: Uint32Array = new Uint32Array(1024);
  count = 0;
  private first = 0;

  startState(): void {
    this.first = this.count;
  }

  add(target: number): void {
    const { targets, count } = this;
    for (let i = this.first; i < count; i++) {
      if (targets[i] === target) {
        return;
      }
    }
    if (count === targets.length) {
      this.targets = new Uint32Array(2 * count);
      this.targets.set(targets);
    }
    this.targets[count] = target;
    this.count = count + 1;
  }

  endState(): void {
    this.starts.push(this.count);
  }
}
