/** The states of a small model and the steps between them, as data for drawings. */

import { isOutOfRange } from "../model/errors.ts";
import { type Interpreter, interpret } from "../model/interpreter.ts";
import type { Machine } from "../model/machine.ts";
import type { ActionCall, Model } from "../model/model.ts";
import { hashState } from "../packed/hash.ts";
import { NO_PARENT, StateStore } from "../visited/state-store.ts";
import { compile } from "./compile.ts";
import { revised } from "./revised.ts";

/** A state. */
export interface GraphNode<S> {
  /** Up to symmetry: the first visited state of its orbit. */
  readonly state: S;
  readonly isInitial: boolean;
  /** Ids of the properties that it violates; `deadlock` if no action is enabled and it is no legal end. */
  readonly violates: readonly string[];
}

/** A step. */
export interface GraphEdge {
  /** Indices of nodes. */
  readonly from: number;
  readonly to: number;
  readonly call: ActionCall;
  /** Ids of the properties that the step violates, including those about warnings. */
  readonly violates: readonly string[];
}

/** The graph of a model. Nodes are in the order of a breadth-first search, edges in the order of their nodes. */
export interface StateGraph<S> {
  readonly nodes: readonly GraphNode<S>[];
  readonly edges: readonly GraphEdge[];
  readonly symmetry: boolean;
  /** Number of steps omitted because they write a value outside a field's range. */
  readonly leftOut: number;
}

/** Thrown for a model with more states than the limit. */
export class GraphTooLarge extends Error {}

/**
 * Finds every reachable state, also beyond violations, and every step between them. Steps that write a value outside a
 * field's range are omitted: a search that ends at the first violation never takes them, or fails.
 *
 * @param options.symmetry whether states that differ by a renaming are one node. Default: when the schema declares
 *   symmetry
 * @throws GraphTooLarge when there are more than `maxStates` states
 */
export function stateGraph<S, C, V>(
  model: Model<S, C, V>,
  options: { readonly maxStates: number; readonly symmetry?: boolean },
): StateGraph<S> {
  return revised(model, (current) => new GraphBuilder(current, options).build()).result;
}

class GraphBuilder<S, C, V> {
  private readonly model: Model<S, C, V>;
  private readonly machine: Machine;
  private readonly interpreter: Interpreter<S>;
  private readonly canonicalize: (() => void) | undefined;
  private readonly maxStates: number;
  /** Canonical forms, in the order of the nodes. */
  private readonly store: StateStore;
  /** The packed state of each node. */
  private readonly packed: Int32Array[] = [];
  private readonly nodes: { state: S; isInitial: boolean; violates: string[] }[] = [];
  private readonly edges: GraphEdge[] = [];
  private leftOut = 0;

  constructor(
    model: Model<S, C, V>,
    { maxStates, symmetry = true }: { readonly maxStates: number; readonly symmetry?: boolean },
  ) {
    this.model = model;
    this.machine = compile(model);
    this.interpreter = interpret(model);
    this.canonicalize = symmetry ? this.machine.canonicalize : undefined;
    this.maxStates = maxStates;
    this.store = new StateStore(this.machine.words);
  }

  build(): StateGraph<S> {
    const { machine, interpreter, nodes, edges } = this;
    for (const [index, state] of interpreter.initialStates.entries()) {
      machine.loadInitial(index);
      const node = this.nodeOf(() => state);
      (nodes[node] as { isInitial: boolean }).isInitial = true;
    }
    for (let node = 0; node < nodes.length; node++) {
      this.expand(node);
    }
    return { nodes, edges, symmetry: this.canonicalize !== undefined, leftOut: this.leftOut };
  }

  /** The node of the machine's current state; adds it if it is new. Overwrites the current state. */
  private nodeOf(state: () => S): number {
    const { machine, store, nodes } = this;
    const { memory, words } = machine;
    const packed = memory.slice(0, words);
    this.canonicalize?.();
    const node = store.insert(memory, 0, hashState(memory, 0, words), NO_PARENT);
    if (node < 0) {
      return store.indexOf(memory, 0);
    }
    if (nodes.length === this.maxStates) {
      throw new GraphTooLarge(`machine ${machine.name} has more than ${this.maxStates} states`);
    }
    memory.set(packed);
    this.packed.push(packed);
    nodes.push({ state: state(), isInitial: false, violates: this.violated("always") });
    return node;
  }

  private expand(node: number): void {
    const { model, machine, edges, interpreter } = this;
    const from = this.packed[node] as Int32Array;
    const { state, violates } = this.nodes[node] as GraphBuilder<S, C, V>["nodes"][number];
    let isEnd = true;
    for (const [a, { name, choices }] of model.actions.entries()) {
      for (const [instance, parameters] of choices.entries()) {
        machine.memory.set(from);
        machine.memory.set(from, machine.words);
        machine.warnings.first = 0;
        const enabled = this.applies(a, instance);
        isEnd &&= enabled === false;
        if (enabled === true) {
          const call = { action: name, parameters };
          const violatedByStep = this.stepViolations();
          const to = this.nodeOf(() => interpreter.step(state, call));
          edges.push({ from: node, to, call, violates: violatedByStep });
        }
      }
    }
    machine.memory.set(from);
    machine.refresh();
    if (isEnd && machine.mayEnd?.() === false) {
      violates.push("deadlock");
    }
    machine.warnings.first = 0;
  }

  /** Applies an action. @returns whether it was enabled; undefined when it writes a value outside a field's range */
  private applies(action: number, instance: number): boolean | undefined {
    try {
      return this.machine.actions[action]?.apply(instance);
    } catch (error) {
      if (isOutOfRange(error)) {
        this.leftOut += 1;
        return undefined;
      }
      throw error;
    }
  }

  private stepViolations(): string[] {
    const { machine } = this;
    const { first } = machine.warnings;
    machine.refreshBefore();
    const violated = this.violated("always-step");
    const warned = first === 0 ? undefined : machine.properties[machine.propertyOfWarning(first)]?.id;
    return warned === undefined ? violated : [warned, ...violated];
  }

  private violated(kind: "always" | "always-step"): string[] {
    const { machine } = this;
    machine.refresh();
    const ids = machine.properties
      .filter((property) => property.kind === kind && property.evaluate() === false)
      .map(({ id }) => id);
    machine.warnings.first = 0;
    return ids;
  }
}
