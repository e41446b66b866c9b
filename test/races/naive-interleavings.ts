/**
 * A second explorer of interleavings that shares only the threads with the engine: no access trees (a thread is run
 * from its start for every step, with its values so far), no reductions, a Map of JSON strings. Store buffers of
 * x86-TSO are arrays; for views see naive-views.ts.
 */
import { initialValue } from "../../explore/model/json.ts";
import type { StructField } from "../../explore/model/schema.ts";
import type { Access, Memory } from "../../races/access.ts";
import type { Node } from "../../races/access-tree.ts";
import { type Assignment, type Cell, Cells } from "../../races/cells.ts";
import { dataRaceName, dataRaceOf } from "../../races/data-races.ts";
import type { Operation } from "../../races/operation.ts";
import { sharedState, ThreadPort } from "../../races/shared-object.ts";
import type { Reached, Subject } from "./explore-races.ts";
import { everything, type NaiveHistory, type NaiveView, NaiveViews, NO_HISTORY } from "./naive-views.ts";

/** A buffered store, as cells and values. */
type Waiting = readonly (readonly [cell: number, value: number])[];

/** A CPU: an operation with elements and parameters, and the values that its accesses returned. */
interface Cpu {
  readonly operation: number;
  readonly choice: number;
  readonly elements: readonly number[];
  readonly values: readonly number[];
  readonly observed: boolean;
  readonly begun: number;
  readonly buffer: readonly Waiting[];
  /** Under views, while an operation is in progress. */
  readonly view?: NaiveView;
  /** The result of a thread that has ended, while its stores have not reached memory. */
  readonly result?: number;
}

interface State<S> {
  readonly shared: S;
  readonly cpus: readonly Cpu[];
  /** Under views, while any operation is in progress. */
  readonly history?: NaiveHistory;
}

/** The position of a thread after a sequence of values. */
interface Position {
  readonly access: Access | undefined;
  readonly functions: readonly string[];
  readonly result: number;
  /** Code of the warning that the thread raised after the last value; 0 for none. */
  readonly warning: number;
}

const NOTHING = -1;
const STOP = new Error("the thread stops");

/** Visits all states. */
export function exploreInterleavings<S>(subject: Subject<S>): Reached {
  return new Explorer(subject).explore();
}

class Explorer<S> {
  private readonly subject: Subject<S>;
  private readonly definition: ReturnType<Subject<S>["definition"]>;
  private readonly cells: Cells;
  private readonly operations: readonly Operation<S>[];
  private readonly views: NaiveViews;
  private readonly object: S;
  private readonly port: ThreadPort;
  private values: readonly number[] = [];
  private position = 0;
  private functions: string[] = [];
  private next: Access | undefined;
  private readonly states = new Map<string, State<S>>();
  private readonly atRest = new Set<string>();
  private readonly warnings = new Set<number>();
  private readonly dataRaces = new Set<string>();
  private deadlocks = false;
  private transitions = 0;

  constructor(subject: Subject<S>) {
    this.subject = subject;
    this.definition = subject.definition();
    const { schema, roles, describe, fixed, isOneWord } = this.definition;
    this.cells = new Cells(schema as StructField, roles);
    this.port = new ThreadPort(
      {
        access: (access) => {
          const { values, position } = this;
          if (position === values.length) {
            this.next = access;
            throw STOP;
          }
          this.position += 1;
          if (this.position === values.length) {
            this.definition.warnings.first = 0;
          }
          return values[position] as number;
        },
        enter: (name) => this.functions.push(name),
        leave: () => this.functions.pop(),
      },
      isOneWord,
    );
    const memory = { schema: schema as StructField, cells: this.cells, describe, port: this.port, fixed };
    this.object = sharedState<S>(memory);
    this.operations = this.definition.operations(this.port, this.cells);
    this.views = new NaiveViews(this.cells, (path) => describe(path).object);
  }

  explore(): Reached {
    const { subject, definition } = this;
    const shared = structuredClone(initialValue(definition.schema)) as S;
    subject.initial(shared);
    const idle = { operation: NOTHING, choice: 0, elements: [], values: [], observed: false, begun: 0, buffer: [] };
    this.visit({ shared, cpus: Array.from({ length: subject.options.cpus }, () => idle) });
    for (const state of this.states.values()) {
      for (const successor of this.successors(state)) {
        this.transitions += 1;
        this.visit(successor);
      }
    }
    return {
      states: this.states.size,
      transitions: this.transitions,
      atRest: [...this.atRest].sort(),
      deadlocks: this.deadlocks,
      warnings: subject.codes.filter((code) => this.warnings.has(code)),
      dataRaces: [...this.dataRaces].sort(),
    };
  }

  private visit(reached: State<S>): void {
    const { history, ...rest } = reached;
    const isBusy = reached.cpus.some(({ operation }) => operation !== NOTHING);
    const state = isBusy ? reached : (rest as State<S>);
    const key = JSON.stringify(state);
    if (this.states.has(key)) {
      return;
    }
    this.states.set(key, state);
    const busy = state.cpus.filter(({ operation }) => operation !== NOTHING);
    if (busy.length === 0) {
      this.atRest.add(this.subject.textOf(state.shared));
    } else if (busy.every((cpu) => this.isBlocked(state.shared, cpu))) {
      const forLocks = busy.every((cpu) => this.run(cpu).access?.kind === "lock");
      const canBegin = state.cpus.some(({ operation }, i) => operation === NOTHING && this.starts(state, i).length > 0);
      this.deadlocks ||= forLocks || !canBegin;
    }
    state.cpus.forEach((one, i) => {
      for (const other of state.cpus.slice(i + 1)) {
        this.lookForDataRace(one, other);
      }
    });
  }

  private *successors(state: State<S>): Generator<State<S>> {
    for (let i = 0; i < state.cpus.length; i++) {
      const cpu = state.cpus[i] as Cpu;
      const copies =
        cpu.operation === NOTHING ? this.starts(state, i) : [...this.steps(state, i), this.drained(state, i)];
      for (const copy of copies) {
        if (copy !== undefined) {
          yield copy;
        }
      }
    }
  }

  private starts(state: State<S>, index: number): State<S>[] {
    const { options, elements: count } = this.subject;
    const { begun } = state.cpus[index] as Cpu;
    const successors: State<S>[] = [];
    this.operations.forEach((operation, o) => {
      operation.choices.forEach((parameters, choice) => {
        for (const elements of arrangements(count, operation.roles.length)) {
          if (options.calls !== undefined) {
            const call = options.calls[index]?.[begun];
            const all: Record<string, unknown> = { ...parameters };
            operation.roles.forEach((role, r) => {
              all[role] = elements[r];
            });
            const isNext =
              call?.operation === operation.name &&
              Object.entries(call.parameters).every(([name, value]) => all[name] === value);
            if (!isNext) {
              continue;
            }
          }
          if (!operation.mayStart(state.shared, elements, parameters)) {
            continue;
          }
          const shared = structuredClone(state.shared);
          operation.begin?.(shared, elements, parameters);
          const cpus = [...state.cpus];
          const observed = operation.observes?.(shared) ?? false;
          cpus[index] = {
            operation: o,
            choice,
            elements,
            values: [],
            observed,
            begun: options.calls === undefined ? 0 : begun + 1,
            buffer: [],
            ...(this.hasViews ? { view: everything(state.history ?? NO_HISTORY) } : {}),
          };
          successors.push(this.settled({ ...state, shared, cpus }, index));
        }
      });
    });
    return successors;
  }

  private get hasViews(): boolean {
    return this.subject.options.memoryModel === "views";
  }

  /** The steps of a CPU: under views one for each value that the access may read. */
  private steps(state: State<S>, index: number): (State<S> | undefined)[] {
    const cpu = state.cpus[index] as Cpu;
    const { access } = this.run(cpu);
    if (access === undefined || cpu.view === undefined) {
      return [this.step(state, index)];
    }
    const { history = NO_HISTORY, shared: before, cpus: all } = state;
    if (access.enabled?.(this.memoryOf(before, cpu, [])) === false) {
      return [];
    }
    const assignment = assignmentOf(cpu);
    const most = this.views.ignorable(access, history, cpu.view, assignment);
    return Array.from({ length: most + 1 }, (_, ignored) => {
      const shared = structuredClone(before);
      const view = cpu.view as NaiveView;
      const performed = this.views.perform(access, { shared, assignment, history, view, ignored });
      const cpus = all.map((each) => this.observing(shared, each));
      const { observed } = cpus[index] as Cpu;
      cpus[index] = { ...cpu, observed, values: [...cpu.values, performed.value], view: performed.view };
      return this.settled({ shared, cpus, history: performed.history }, index);
    });
  }

  private step({ shared: before, cpus: all }: State<S>, index: number): State<S> | undefined {
    const cpu = all[index] as Cpu;
    const { access } = this.run(cpu);
    const { buffer } = cpu;
    if (access === undefined) {
      return undefined;
    }
    const { kind, order } = access;
    const waitsForBuffer = kind === "rmw" || kind === "lock" || (kind === "fence" && order === "full");
    const isEnabled = access.enabled?.(this.memoryOf(before, cpu, [])) ?? true;
    if (!isEnabled || (waitsForBuffer && buffer.length > 0)) {
      return undefined;
    }
    const shared = structuredClone(before);
    const isBuffered =
      this.subject.options.memoryModel === "tso" && (kind === "store" || (kind === "unlock" && buffer.length > 0));
    const stored: [number, number][] = [];
    const value = access.perform(this.memoryOf(shared, cpu, isBuffered ? stored : undefined));
    const cpus = all.map((each) => this.observing(shared, each));
    const observed = (cpus[index] as Cpu).observed;
    cpus[index] = {
      ...cpu,
      observed,
      values: [...cpu.values, value],
      buffer: isBuffered ? [...buffer, stored] : buffer,
    };
    return this.settled({ shared, cpus }, index);
  }

  /** Writes the oldest store of a CPU to memory. An operation that has ended is removed after its last store. */
  private drained({ shared: before, cpus: all }: State<S>, index: number): State<S> | undefined {
    const cpu = all[index] as Cpu;
    const [oldest, ...others] = cpu.buffer;
    const ended = this.run(cpu).access === undefined;
    if (oldest === undefined) {
      return ended ? this.settled({ shared: structuredClone(before), cpus: all }, index) : undefined;
    }
    const shared = structuredClone(before);
    for (const [cell, value] of oldest) {
      this.cellOf(cell).set(shared, assignmentOf(cpu), value);
    }
    const cpus = all.map((each) => this.observing(shared, each));
    cpus[index] = { ...(cpus[index] as Cpu), buffer: others };
    return { shared, cpus };
  }

  /** Raises the warning of the last step, and ends the operation of a thread that has ended and has no stores left. */
  private settled(state: State<S>, index: number): State<S> {
    const cpu = state.cpus[index] as Cpu;
    const { access, result, warning } = this.run(cpu);
    this.raise(warning);
    const cpus = [...state.cpus];
    if (access !== undefined) {
      return state;
    }
    if (cpu.buffer.length > 0) {
      cpus[index] = { ...cpu, values: [], result };
      return { shared: state.shared, cpus };
    }
    const operation = this.operations[cpu.operation] as Operation<S>;
    const parameters = operation.choices[cpu.choice] ?? {};
    // This changes a copy of the state, made for this step.
    const code = operation.end?.(state.shared, cpu.elements, parameters, result, cpu.observed) ?? 0;
    if (warning === 0) {
      this.raise(code);
    }
    cpus[index] = {
      operation: NOTHING,
      choice: 0,
      elements: [],
      values: [],
      observed: false,
      begun: cpu.begun,
      buffer: [],
    };
    return { ...state, cpus };
  }

  private raise(code: number): void {
    if (code !== 0) {
      this.warnings.add(code);
    }
  }

  private observing(shared: S, cpu: Cpu): Cpu {
    const observes = this.operations[cpu.operation]?.observes;
    return !cpu.observed && observes?.(shared) === true ? { ...cpu, observed: true } : cpu;
  }

  private isBlocked(shared: S, cpu: Cpu): boolean {
    const { access } = this.run(cpu);
    return access?.enabled !== undefined && cpu.buffer.length === 0 && !access.enabled(this.memoryOf(shared, cpu, []));
  }

  /** Memory as seen by a CPU. @param stored receives its writes; if absent, they go to memory */
  private memoryOf(shared: S, cpu: Cpu, stored: [number, number][] | undefined): Memory {
    const assignment = assignmentOf(cpu);
    return {
      read: (cell) => {
        const own = cpu.buffer.flat().findLast(([each]) => each === cell);
        return own === undefined ? this.cellOf(cell).get(shared, assignment) : own[1];
      },
      write: (cell, value) => {
        if (stored === undefined) {
          this.cellOf(cell).set(shared, assignment, value);
        } else {
          stored.push([cell, value]);
        }
      },
    };
  }

  private cellOf(index: number): Cell {
    return this.cells.all[index] as Cell;
  }

  private run({ operation, choice, values, result: ended }: Cpu): Position {
    if (ended !== undefined) {
      return { access: undefined, functions: [], result: ended, warning: 0 };
    }
    const { warnings } = this.definition;
    const { run, choices } = this.operations[operation] as Operation<S>;
    this.values = values;
    this.position = 0;
    this.functions = [];
    this.next = undefined;
    this.port.reset();
    warnings.first = 0;
    let result = 0;
    try {
      result = run(this.object, choices[choice] ?? {});
      this.port.flush();
    } catch (error) {
      if (error !== STOP) {
        throw error;
      }
    }
    const warning = warnings.first;
    warnings.first = 0;
    return { access: this.next, functions: [...this.functions], result, warning };
  }

  private lookForDataRace(one: Cpu, other: Cpu): void {
    if (one.operation === NOTHING || other.operation === NOTHING) {
      return;
    }
    const [here, there] = [this.run(one), this.run(other)];
    const [a, b] = [here.access, there.access];
    if (a === undefined || b === undefined || !isMemory(a) || !isMemory(b)) {
      return;
    }
    const writes = a.kind !== "load" || b.kind !== "load";
    const isShared = a.cells.some((cell) =>
      b.cells.some((each) => this.wordOf(cell, one) === this.wordOf(each, other)),
    );
    if (writes && !(a.marked && b.marked) && isShared) {
      this.dataRaces.add(dataRaceName(dataRaceOf(here as unknown as Node, there as unknown as Node)));
    }
  }

  /** Name of the C object that contains a cell, equal for all CPUs. */
  private wordOf(index: number, { elements }: Cpu): string {
    const { path, role } = this.cellOf(index);
    return role < 0 ? this.definition.describe(path).object : path.replace(/\[\d+\]/, `[element ${elements[role]}]`);
  }
}

const isMemory = ({ kind }: Access): boolean => kind === "load" || kind === "store" || kind === "rmw";

function assignmentOf({ elements }: Cpu): Assignment {
  return Object.fromEntries(elements.map((element, role) => [`role${role}`, element + 1]));
}

/** All sequences of distinct elements. */
function arrangements(count: number, length: number): number[][] {
  if (length === 0) {
    return [[]];
  }
  return arrangements(count, length - 1).flatMap((start) =>
    Array.from({ length: count }, (_, i) => i)
      .filter((each) => !start.includes(each))
      .map((each) => [...start, each]),
  );
}
