/** The states and steps of a job with few states, for a drawing. */
import { formatCall } from "../explore/model/model.ts";
import { GraphTooLarge, stateGraph } from "../explore/search/state-graph.ts";
import { modelOf, type ResolvedJob } from "./job/job.ts";
import type { Subject } from "./report/report.ts";
import { UsageError } from "./request/usage-error.ts";

/** A drawing of more shows nothing, and Graphviz takes minutes to make it. */
export const MOST_NODES = 200;

/** A graph. Nodes are in the order of a breadth-first search. */
export interface GraphReport extends Subject {
  /** Whether states that differ by a renaming are one node. */
  readonly symmetry: boolean;
  /** Steps that lead to what no state can hold. */
  readonly leftOut: number;
  readonly nodes: readonly {
    readonly state: unknown;
    readonly isInitial: boolean;
    /** Ids of the properties that the state violates. */
    readonly violates: readonly string[];
  }[];
  readonly edges: readonly {
    readonly from: number;
    readonly to: number;
    /** The action as a call with its arguments. */
    readonly call: string;
    /** Ids of the properties that the step violates. */
    readonly violates: readonly string[];
  }[];
}

/** @throws UsageError when the job has more than `MOST_NODES` states */
export function graphReport(resolved: ResolvedJob): GraphReport {
  const { machine, kernel, against, config, bounds, symmetry: wanted } = resolved.job;
  try {
    const { nodes, edges, symmetry, leftOut } = stateGraph(modelOf(resolved), {
      maxStates: MOST_NODES,
      symmetry: wanted,
    });
    return {
      machine,
      kernel,
      ...(against === undefined ? {} : { against }),
      config,
      bounds,
      symmetry,
      leftOut,
      nodes,
      edges: edges.map(({ call, ...edge }) => ({ ...edge, call: formatCall(call) })),
    };
  } catch (error) {
    if (error instanceof GraphTooLarge) {
      throw new UsageError(
        `cannot draw a graph: ${error.message}; choose smaller bounds, or leave out --graph and read a trace instead`,
      );
    }
    throw error;
  }
}
