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

const ASK_EVERY = 1024;

/** The states and transitions of a scope. */
export class StateGraph {
  /** Canonical states, in breadth-first order. */
  readonly states: StateStore;
  /** Transitions: a canonical form with marked elements, and the shape of the call. */
  readonly pairs: StateStore;
  /**
   * Successors of state `s`, without duplicates and without `s` itself: `targets[starts[s]] … targets[starts[s + 1] -
   * 1]`.
   */
  readonly starts: Uint32Array;
  readonly targets: Uint32Array;
  /** By state: its number of transitions. */
  readonly pairsOf: Uint16Array;
  private readonly machine: PackedWorld;
  private readonly key: Int32Array;

  /** @throws GraphIncomplete when interrupted */
  constructor(machine: PackedWorld, interrupted: Interrupted = () => false) {
    this.machine = machine;
    const { words } = machine;
    this.states = new StateStore(words);
    this.pairs = new StateStore(words + 1);
    this.key = new Int32Array(words + 1);
    const edges = new EdgeList();
    const pairsOf: number[] = [];
    const state = new Int32Array(words);
    machine.loadInitial();
    machine.canonicalize();
    this.addState();
    for (let s = 0; s < this.states.count; s++) {
      if (s % ASK_EVERY === 0 && interrupted()) {
        throw new GraphIncomplete("interrupted while the states of the scope were being counted");
      }
      this.states.load(s, state, 0);
      pairsOf.push(this.expand(s, state, edges));
    }
    this.starts = Uint32Array.from(edges.starts);
    this.targets = edges.targets.slice(0, edges.count);
    this.pairsOf = Uint16Array.from(pairsOf);
  }

  /** @returns the number of transitions of the state */
  private expand(s: number, state: Int32Array, edges: EdgeList): number {
    const { machine, pairs } = this;
    const before = pairs.count;
    edges.startState();
    for (let call = 0; call < machine.calls.length; call++) {
      machine.load(state);
      if (!machine.apply(call)) {
        continue;
      }
      machine.canonicalize();
      const next = this.addState();
      if (next !== s) {
        edges.add(next);
      }
      machine.load(state);
      machine.savePair(call, this.key);
      pairs.insert(this.key, 0, hashState(this.key, 0, this.key.length), NO_PARENT);
    }
    edges.endState();
    return pairs.count - before;
  }

  /**
   * Adds the current state, unless it is in the graph.
   *
   * @returns its index
   */
  private addState(): number {
    const { memory, words } = this.machine;
    const added = this.states.insert(memory, 0, hashState(memory, 0, words), NO_PARENT);
    return added >= 0 ? added : this.states.indexOf(memory, 0);
  }

  /** Returns the index of the orbit of the current state, which becomes canonical. */
  orbit(): number {
    this.machine.canonicalize();
    return this.states.indexOf(this.machine.memory, 0);
  }

  /** Returns the index of the transition that an enabled call makes from the current state. Overwrites the state. */
  pair(call: number): number {
    this.machine.savePair(call, this.key);
    return this.pairs.indexOf(this.key, 0);
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
