/** Call tree of an operation: the C functions that it executed. */
import type { SourceFunction } from "../../module/debug-info/compiled-scopes.ts";
import { type CallLog, LogEntry } from "./call-log.ts";

/** A call of a function that traces show, or a turn of a CPU. */
export interface FunctionCall {
  /** Undefined for a turn. */
  readonly function: SourceFunction | undefined;
  /** Number of the CPU, of a turn. */
  readonly cpu?: number;
  readonly calls: readonly FunctionCall[];
  /** Whether the call began in an earlier turn of the CPU. */
  readonly isContinued: boolean;
  /** Whether the turn ended in this function itself, not in a function that it called. */
  readonly isInterrupted: boolean;
  /** Whether the operation was stopped in this function itself, not in a function that it called. */
  readonly isStopped: boolean;
}

/** The calls of an operation; with several turns, those of each turn below it. */
export interface CallTree {
  readonly calls: readonly FunctionCall[];
  /** Whether the log was too small for all of them. */
  readonly isCut: boolean;
}

/** A part of a log that one CPU wrote, up to the next turn. */
export interface LoggedTurn {
  readonly cpu: number;
  /** Position of its first entry, in bytes. */
  readonly start: number;
}

interface Node {
  readonly function: SourceFunction | undefined;
  readonly cpu?: number;
  readonly parent: Node | undefined;
  readonly isContinued: boolean;
  isInterrupted: boolean;
  readonly calls: Node[];
}

/** A stack frame of a compiled function. */
interface Frame {
  /** By number of a scope: its current or last call. */
  readonly nodes: Map<number, Node>;
  current: Node;
}

/** Of an operation that no other CPU interrupts. */
const ONE_TURN: readonly LoggedTurn[] = [{ cpu: 0, start: 0 }];

/**
 * Decodes a log.
 *
 * @param memory memory of the module
 * @param length length of the log in bytes
 * @param turns the turns of CPUs, in the order of their start
 */
export function callTree(
  log: CallLog,
  memory: ArrayBuffer,
  length: number,
  turns: readonly LoggedTurn[] = ONE_TURN,
): CallTree {
  const isCut = length > log.capacity * 4;
  const entries = new Uint32Array(memory, log.address, Math.min(length / 4, log.capacity));
  const root: Node = { function: undefined, parent: undefined, isContinued: false, isInterrupted: false, calls: [] };
  const decoder = new LogDecoder(log);
  turns.forEach(({ cpu, start }, i) => {
    decoder.begin(cpu, turns.length === 1 ? root : added(root, { cpu, isContinued: decoder.hasFrames(cpu) }));
    const next = turns[i + 1];
    decoder.decode(entries.subarray(start / 4, (next?.start ?? length) / 4));
    if (next !== undefined && decoder.innermost !== undefined) {
      decoder.innermost.isInterrupted = true;
    }
  });
  const stoppedNode = decoder.innermost;
  return { calls: root.calls.map((node) => callOf(node, stoppedNode)), isCut };
}

function added(parent: Node, node: Partial<Omit<Node, "parent" | "calls">>): Node {
  const child: Node = { function: undefined, isContinued: false, isInterrupted: false, ...node, parent, calls: [] };
  parent.calls.push(child);
  return child;
}

/** Decodes the entries of several CPUs, turn by turn. */
class LogDecoder {
  readonly #log: CallLog;
  /** By CPU: the frame of the host, and those of its functions that have not returned. */
  readonly #stacks = new Map<number, Frame[]>();
  #frames: Frame[] = [];

  constructor(log: CallLog) {
    this.#log = log;
  }

  /** Whether a CPU is in the middle of an operation. */
  hasFrames(cpu: number): boolean {
    return (this.#stacks.get(cpu)?.length ?? 1) > 1;
  }

  /** The call in which the last turn ended; undefined if its operation ended. */
  get innermost(): Node | undefined {
    return this.#frames.length > 1 ? this.#top.current : undefined;
  }

  /** Begins a turn, whose calls go below a node. Calls that have not returned are continued there. */
  begin(cpu: number, below: Node): void {
    const copies = new Map<Node, Node>();
    const copyOf = (node: Node): Node => {
      const existing = copies.get(node);
      if (existing !== undefined) {
        return existing;
      }
      const copy =
        node.function === undefined
          ? below
          : added(copyOf(node.parent as Node), { function: node.function, isContinued: true });
      copies.set(node, copy);
      return copy;
    };
    const frames = this.#stacks.get(cpu) ?? [{ nodes: new Map<number, Node>(), current: below }];
    this.#frames = frames.map(({ nodes, current }): Frame => {
      const copy = copyOf(current);
      // The others have ended.
      const open = [...nodes].flatMap(([scope, node]): [number, Node][] => {
        const continued = copies.get(node);
        return continued === undefined ? [] : [[scope, continued]];
      });
      return { nodes: new Map(open), current: copy };
    });
    this.#stacks.set(cpu, this.#frames);
  }

  decode(entries: Uint32Array): void {
    for (const entry of entries) {
      const number = entry >>> 2;
      switch (entry & 3) {
        case LogEntry.enter: {
          const frame: Frame = { nodes: new Map(), current: this.#top.current };
          frame.current = this.#nodeOf(frame, number);
          this.#frames.push(frame);
          break;
        }
        case LogEntry.leave:
          if (this.#frames.length > 1) {
            this.#frames.pop();
          }
          break;
        case LogEntry.inside:
          this.#top.current = this.#nodeOf(this.#top, number);
          break;
        case LogEntry.iteration:
          for (const scope of this.#log.loops[number] ?? []) {
            this.#top.nodes.delete(scope);
          }
      }
    }
  }

  get #top(): Frame {
    return this.#frames.at(-1) as Frame;
  }

  /** Returns the node of a scope in a frame. A function that is not shown has the node of its caller. */
  #nodeOf(frame: Frame, number: number): Node {
    const existing = frame.nodes.get(number);
    const scope = this.#log.scopes[number];
    if (existing !== undefined || scope === undefined) {
      return existing ?? frame.current;
    }
    const around = scope.parent === undefined ? frame.current : this.#nodeOf(frame, scope.parent);
    const node = scope.function === undefined ? around : added(around, { function: scope.function });
    frame.nodes.set(number, node);
    return node;
  }
}

function callOf(node: Node, stopped: Node | undefined): FunctionCall {
  return {
    function: node.function,
    ...(node.cpu === undefined ? {} : { cpu: node.cpu }),
    isContinued: node.isContinued,
    isInterrupted: node.isInterrupted,
    calls: node.calls.map((each) => callOf(each, stopped)),
    isStopped: node === stopped,
  };
}
