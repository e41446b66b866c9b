/** State graph of a job with few states, for drawings. */
import { formatCall } from "../explore/model/model.ts";
import { GraphTooLarge, stateGraph } from "../explore/search/state-graph.ts";
import { modelOf, type ResolvedJob } from "./job/job.ts";
import type { Subject } from "./report/report.ts";
import { UsageError } from "./request/usage-error.ts";

/** Largest number of nodes: a larger drawing is illegible, and Graphviz takes minutes to lay it out. */
export const MOST_NODES = 200;

/** State graph, with nodes in breadth-first order. */
export interface GraphReport extends Subject {
  /** Whether states that are equal up to symmetry are one node. */
  readonly symmetry: boolean;
  /** Number of steps whose successor no state can represent. */
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

/**
 * Explores a job and returns its state graph.
 *
 * @throws UsageError when the job has more than `MOST_NODES` states
 */
export function graphReport(resolved: ResolvedJob): GraphReport {
  const { machine, kernel, against, config, bounds, symmetry: requestedSymmetry } = resolved.job;
  try {
    const { nodes, edges, symmetry, leftOut } = stateGraph(modelOf(resolved), {
      maxStates: MOST_NODES,
      symmetry: requestedSymmetry,
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
