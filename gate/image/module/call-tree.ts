/** Call tree of an operation: the C functions that it executed. */
import type { SourceFunction } from "../../module/debug-info/compiled-scopes.ts";
import { type CallLog, LogEntry } from "./call-log.ts";

/** A call of a function that traces show, or the calls of another CPU that ran meanwhile. */
export interface FunctionCall {
  /** Undefined for another CPU. */
  readonly function: SourceFunction | undefined;
  readonly calls: readonly FunctionCall[];
  /** Whether the operation was stopped in this function itself, not in a function that it called. */
  readonly isStopped: boolean;
}

/** The calls of an operation. */
export interface CallTree {
  readonly calls: readonly FunctionCall[];
  /** Whether the log was too small for all of them. */
  readonly isCut: boolean;
}

interface Node {
  readonly function: SourceFunction | undefined;
  readonly calls: Node[];
}

/** A stack frame of a compiled function. */
interface Frame {
  /** By number of a scope: its current or last call. */
  readonly nodes: Map<number, Node>;
  current: Node;
}

/** A part of a log: positions in bytes. */
export interface LogRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Decodes a log.
 *
 * @param memory memory of the module
 * @param length length of the log in bytes
 * @param second the part that an operation of another CPU wrote
 */
export function callTree(log: CallLog, memory: ArrayBuffer, length: number, second?: LogRange): CallTree {
  const isCut = length > log.capacity * 4;
  const entries = new Uint32Array(memory, log.address, Math.min(length / 4, log.capacity));
  const root: Node = { function: undefined, calls: [] };
  const frames: Frame[] = [{ nodes: new Map(), current: root }];
  const top = (): Frame => frames.at(-1) as Frame;
  /** Returns the node of a scope in a frame. A function that is not shown has the node of its caller. */
  const nodeOf = (frame: Frame, number: number): Node => {
    const existing = frame.nodes.get(number);
    const scope = log.scopes[number];
    if (existing !== undefined || scope === undefined) {
      return existing ?? frame.current;
    }
    const around = scope.parent === undefined ? frame.current : nodeOf(frame, scope.parent);
    const node = scope.function === undefined ? around : { function: scope.function, calls: [] };
    if (node !== around) {
      around.calls.push(node);
    }
    frame.nodes.set(number, node);
    return node;
  };
  /** Number of frames when the other CPU began. */
  let framesOfFirst = 0;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i] as number;
    const number = entry >>> 2;
    if (second?.start === 4 * i) {
      const node: Node = { function: undefined, calls: [] };
      top().current.calls.push(node);
      framesOfFirst = frames.push({ nodes: new Map(), current: node }) - 1;
    }
    if (second?.end === 4 * i) {
      frames.length = framesOfFirst;
    }
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
  const stoppedNode = frames.length > 1 ? top().current : undefined;
  return { calls: root.calls.map((node) => callOf(node, stoppedNode)), isCut };
}

function callOf(node: Node, stopped: Node | undefined): FunctionCall {
  return {
    function: node.function,
    calls: node.calls.map((each) => callOf(each, stopped)),
    isStopped: node === stopped,
  };
}
