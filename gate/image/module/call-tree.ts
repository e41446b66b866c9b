/** The C functions that an operation ran, as a tree. */
import type { SourceFunction } from "../../module/debug-info/compiled-scopes.ts";
import { type CallLog, LogEntry } from "./call-log.ts";

/** A call of a function that is shown. */
export interface FunctionCall {
  readonly function: SourceFunction;
  readonly calls: readonly FunctionCall[];
  /** Whether the operation was stopped in it, and in nothing that it called. */
  readonly isStopped: boolean;
}

/** What an operation ran. */
export interface CallTree {
  readonly calls: readonly FunctionCall[];
  /** Whether the log had no room for all of it. */
  readonly isCut: boolean;
}

interface Node {
  readonly function: SourceFunction | undefined;
  readonly calls: Node[];
}

/** A compiled function that runs. */
interface Frame {
  /** By number of a scope: the call that is under way, or was the last one. */
  readonly nodes: Map<number, Node>;
  current: Node;
}

/**
 * Reads a log.
 *
 * @param memory of the module
 * @param length of the log, in bytes
 */
export function callTree(log: CallLog, memory: ArrayBuffer, length: number): CallTree {
  const isCut = length > log.capacity * 4;
  const entries = new Uint32Array(memory, log.address, Math.min(length / 4, log.capacity));
  const root: Node = { function: undefined, calls: [] };
  const frames: Frame[] = [{ nodes: new Map(), current: root }];
  const top = (): Frame => frames.at(-1) as Frame;
  /** The node of a scope in a frame; a function that is not shown has that of its caller. */
  const nodeOf = (frame: Frame, number: number): Node => {
    const known = frame.nodes.get(number);
    const scope = log.scopes[number];
    if (known !== undefined || scope === undefined) {
      return known ?? frame.current;
    }
    const around = scope.parent === undefined ? frame.current : nodeOf(frame, scope.parent);
    const node = scope.function === undefined ? around : { function: scope.function, calls: [] };
    if (node !== around) {
      around.calls.push(node);
    }
    frame.nodes.set(number, node);
    return node;
  };
  for (const entry of entries) {
    const number = entry >>> 2;
    switch (entry & 3) {
      case LogEntry.enter: {
        const frame: Frame = { nodes: new Map(), current: top().current };
        frame.current = nodeOf(frame, number);
        frames.push(frame);
        break;
      }
      case LogEntry.leave:
        if (frames.length > 1) {
          frames.pop();
        }
        break;
      case LogEntry.inside:
        top().current = nodeOf(top(), number);
        break;
      case LogEntry.iteration:
        for (const scope of log.loops[number] ?? []) {
          top().nodes.delete(scope);
        }
    }
  }
  const stopped = frames.length > 1 ? top().current : undefined;
  return { calls: root.calls.map((node) => callOf(node, stopped)), isCut };
}

function callOf(node: Node, stopped: Node | undefined): FunctionCall {
  return {
    function: node.function as SourceFunction,
    calls: node.calls.map((each) => callOf(each, stopped)),
    isStopped: node === stopped,
  };
}
