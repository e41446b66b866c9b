/**
 * A model of CPUs that execute operations on shared memory. A state is the shared memory and, for each CPU, its
 * position in an access tree. In a *closed* machine every idle CPU may start any operation that may start; otherwise
 * each CPU executes a list of calls.
 */
import { AssumptionFailed } from "../explore/model/errors.ts";
import { type Action, action, type Parameters, type ParameterValue } from "../explore/model/model.ts";
import type { PackedMemory } from "../explore/model/packed-memory.ts";
import { array, at, bool, int, ref, type StructField, struct } from "../explore/model/schema.ts";
import type { Access, Memory } from "./access.ts";
import { AccessTrees, type Edge, IDLE, type Node, type Program, type ThreadWarnings } from "./access-tree.ts";
import { type Assignment, Cells, StateMemory } from "./cells.ts";
import { type DataRace, dataRaceName, dataRaceOf, isMemoryAccess, isWrite } from "./data-races.ts";
import { Guards } from "./guards.ts";
import { NodeClasses } from "./node-classes.ts";
import type { Operation } from "./operation.ts";
import { OperationThreads, type Template } from "./operation-threads.ts";
import { PackedSteps, type StepRules } from "./packed-steps.ts";
import type { RaceDefinition } from "./race-definition.ts";
import { type BufferedStore, bufferSchema, StoreBufferMemory } from "./store-buffer.ts";
import { MOST_PLACES, ViewLimits } from "./view-limits.ts";
import { historySchema, type View, ViewMemory, type ViewState, viewSchema } from "./view-memory.ts";

/** A memory model: sequential consistency, x86-TSO, or views: see ViewMemory. */
export type MemoryModel = "sc" | "tso" | "views";

/** Reductions of a search. Verdicts, states at rest and data races are the same with and without each. */
export interface Reductions {
  /** Accesses to protected cells are not interleaved: see Guards. */
  readonly protectedAccesses: boolean;
  /** Values that a thread no longer has are forgotten: see AccessTrees. */
  readonly callFrames: boolean;
  /** Positions with equal futures are merged: see NodeClasses. */
  readonly nodeClasses: boolean;
}

/** All reductions. */
export const ALL_REDUCTIONS: Reductions = { protectedAccesses: true, callFrames: true, nodeClasses: true };

/** A CPU in a state: its position and the elements of its operation. */
export type CpuState = {
  /** Node of the next access; IDLE if it executes nothing. */
  node: number;
  /** Whether the condition observed by its operation was true since the operation began. */
  observed: boolean;
  /** In a machine with lists of calls: number of calls begun. */
  begun: number;
  /** Under TSO: stores that have not reached memory, the oldest first. */
  readonly buffer: readonly BufferedStore[];
} & View & { [role: `role${number}`]: number };

/** A state: shared memory and CPUs. */
export type RaceState<S> = S & Omit<ViewState, "cpus"> & { readonly cpus: readonly CpuState[] };

/** One call of an operation. */
export interface OperationCall {
  readonly operation: string;
  readonly parameters: Parameters;
}

/** Bounds and choices of one machine. */
export interface RaceOptions {
  readonly cpus: number;
  readonly memoryModel: MemoryModel;
  readonly reductions: Reductions;
  /** The calls of each CPU; a closed machine when absent. */
  readonly calls?: readonly (readonly OperationCall[])[];
}

/** Maximum number of nodes of access trees: the range of the field `node`. */
const MOST_NODES = 2 ** 24 - 1;

/** Cells in a CPU's store buffer; the CPU waits while it is full. */
export const BUFFER_LENGTH = 8;

/** The access trees of a definition with data inferred from them; all machines of the definition share it. */
export class RaceEngine<S> {
  readonly cells: Cells;
  readonly trees: AccessTrees;
  readonly classes: NodeClasses;
  readonly guards: Guards;
  readonly operations: readonly Operation<S>[];
  readonly templates: readonly Template<S>[];
  readonly definition: RaceDefinition<S>;
  readonly options: RaceOptions;
  readonly dataRaces: Map<string, DataRace> = new Map();
  readonly viewLimits: ViewLimits;

  constructor(definition: RaceDefinition<S>, options: RaceOptions) {
    const { schema, roles, describe, warnings } = definition;
    this.definition = definition;
    this.options = options;
    this.cells = new Cells(schema as StructField, roles);
    this.viewLimits = new ViewLimits(options.calls === undefined ? 1 : MOST_PLACES);
    this.guards = new Guards(this.cells, (path) => describe(path).object, options.memoryModel === "views");
    const { cells } = this;
    const threads = new OperationThreads<S>(definition, cells, {
      access: (access) => this.trees.access(access),
      enter: (name) => this.trees.enter(name),
      leave: (result) => this.trees.leave(result),
    });
    this.operations = threads.operations;
    this.templates = threads.templates;
    const programs = this.templates.map(
      (template): Program => ({
        name: template.operation.name,
        kind: kindOf(template.operation, template.parameters),
        run: () => threads.run(template),
      }),
    );
    this.trees = new AccessTrees(
      programs,
      warnings,
      {
        callFrames: options.reductions.callFrames,
        onNode: (_node, index) => {
          if (index > MOST_NODES) {
            throw new RangeError(`the access trees have more than ${MOST_NODES} nodes`);
          }
        },
      },
      () => threads.reset(),
    );
    // Not with every node: classes also try values that a thread may never read.
    this.classes = new NodeClasses(this.trees, options.reductions.nodeClasses && options.cpus > 1, this.learn);
  }

  private readonly learn = ({ access, locks }: Node): void => {
    if (access !== undefined) {
      this.guards.learn(access, locks);
    }
  };

  /** The same threads on a machine with fewer CPUs. @param warnings receives the warnings of its CPUs */
  withCpus(cpus: number, warnings: ThreadWarnings): RaceEngine<S> {
    const { trees, learn } = this;
    return Object.assign(Object.create(RaceEngine.prototype), this, {
      options: { ...this.options, cpus },
      definition: { ...this.definition, warnings },
      classes: new NodeClasses(trees, true, learn),
      dataRaces: new Map(),
    });
  }

  /** Discards all assumptions. Called before each search. */
  begin(): void {
    this.guards.begin();
    this.classes.begin();
  }

  /** The position before the first access of a program. */
  root(program: number): Edge {
    const { child, warning } = this.trees.root(program);
    return { child: this.classes.reach(child), warning };
  }
}

/** Formats an operation with the parameters that its end depends on. */
function kindOf<S>({ name, endsBy }: Operation<S>, parameters: Parameters): string {
  const names = endsBy ?? Object.keys(parameters);
  return `${name} ${names.map((each) => parameters[each]).join()}`;
}

/** The schema of a machine's states. @param elements number of elements of the scalarset */
export function raceSchema<S>(
  { definition: { schema, roles }, options: { cpus, memoryModel, calls }, cells, viewLimits }: RaceEngine<S>,
  elements: number,
): StructField<RaceState<S>> {
  const places = memoryModel === "views" ? viewLimits.places : 0;
  const most = Math.max(0, ...(calls ?? []).map(({ length }) => length));
  const assignment = Object.fromEntries(
    Array.from({ length: roles.count }, (_, role) => [`role${role}`, ref(roles.scalarset, elements)]),
  );
  const cpu = struct({
    node: int(0, MOST_NODES),
    observed: bool(),
    begun: int(0, most),
    ...assignment,
    buffer: array(bufferSchema(cells), memoryModel === "tso" ? BUFFER_LENGTH : 0),
    seen: viewSchema(places),
    acquired: viewSchema(places),
    released: viewSchema(places),
  });
  const { fields } = schema as StructField;
  // CPUs are interchangeable in a closed machine: each may execute all operations.
  const cpuArray = array(cpu, cpus, calls === undefined ? { symmetric: "cpu" } : {});
  const views = { history: historySchema(cells, places, elements), fenced: viewSchema(places) };
  return struct({ ...fields, cpus: cpuArray, ...views }) as unknown as StructField<RaceState<S>>;
}

/** Traits of an access. */
const Trait = { memory: 1, plain: 2, write: 4 } as const;

const NO_VALUES: readonly number[] = [];

const ROLE_FIELDS = ["role0", "role1", "role2", "role3"] as const;

/** An access that was performed, with the values of its cells before and after it, as seen by the CPU. */
export interface PerformedAccess {
  readonly node: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** Under views: number of the newest writes to its word that a load ignored. */
  readonly ignored: number;
}

/** Executes steps of CPUs on a state. There is one object for each machine. */
export class RaceSteps<S> {
  /** If set, receives the performed accesses. */
  log: PerformedAccess[] | undefined;
  private readonly engine: RaceEngine<S>;
  private readonly memory: StateMemory | StoreBufferMemory | ViewMemory;
  private readonly observedCells: readonly boolean[];
  /** Whether any operation observes a condition. */
  private readonly hasObservers: boolean;
  private readonly mergesAccesses: boolean;
  /** By node: 1 if its access is merged into the preceding step; absent if not computed yet. */
  private readonly merged: number[] = [];
  /** By node: 1 if its access is an await; absent if not computed yet. */
  private readonly awaits: number[] = [];
  /** By node: bits of Trait that decide whether its access can race. */
  private readonly traits: number[] = [];
  private readonly raceCodes: (race: DataRace) => number;
  /** Codes of data races by their nodes: the first times 2^24, plus the second. */
  private readonly codesByNodes: Map<number, number> = new Map();
  private readonly elements: number;

  /**
   * @param elements number of elements of the scalarset
   * @param raceCode returns the code of the warning for a data race; 0 for an expected one
   */
  constructor(engine: RaceEngine<S>, elements: number, raceCode: (race: DataRace) => number) {
    const { cells, options, definition } = engine;
    this.engine = engine;
    this.elements = elements;
    this.memory = memoryOf(engine);
    this.hasObservers = engine.operations.some(({ observes }) => observes !== undefined);
    this.observedCells = cells.all.map(({ path }) => definition.isObserved(path));
    this.mergesAccesses = options.reductions.protectedAccesses;
    this.raceCodes = raceCode;
  }

  /** Starts an operation on an idle CPU. @param elements positions, by role */
  start(state: RaceState<S>, cpu: number, template: number, elements: readonly number[]): boolean {
    const own = at(state.cpus, cpu);
    if (own.node !== IDLE || !this.mayStart(state, template, elements)) {
      return false;
    }
    const node = this.begin(state, own, template, elements);
    if (node === IDLE) {
      return false;
    }
    this.startFrom(state, cpu, own, node);
    this.compactViews(state);
    return true;
  }

  /** Continues the start of an operation. @param node the node of its first access */
  private startFrom(state: RaceState<S>, cpu: number, own: CpuState, node: number): void {
    const { access } = this.engine.trees.node(node);
    if (access === undefined || !this.mergesStarts) {
      this.performMerged(state, cpu, own, node, false);
      return;
    }
    this.findDataRaces(state, cpu, own, node);
    this.selectCpu(state, own);
    const next = this.perform(own, node, access, false);
    this.observeAfter(access, state);
    this.performMerged(state, cpu, own, next, this.changesObserved(access));
  }

  private mayStart(state: RaceState<S>, template: number, elements: readonly number[]): boolean {
    const { operation, parameters } = this.engine.templates[template] as Template<S>;
    return operation.mayStart(state, elements, parameters);
  }

  /**
   * Whether a start includes the first access. This is sound because a start can always be later: before its first
   * access, an operation changes nothing that is visible to threads. Not under views: an operation has not seen writes
   * after its start.
   */
  private get mergesStarts(): boolean {
    return this.mergesAccesses && !(this.memory instanceof ViewMemory);
  }

  /** Begins an operation. @returns the node of its first access; IDLE if the start includes it and it is not enabled */
  private begin(state: RaceState<S>, own: CpuState, template: number, elements: readonly number[]): number {
    const { engine } = this;
    const { operation, parameters } = engine.templates[template] as Template<S>;
    const { child, warning } = engine.root(template);
    const { access } = engine.trees.node(child);
    this.assign(own, elements);
    if (access !== undefined && this.mergesStarts) {
      this.selectCpu(state, own);
      if (!this.isEnabled(access, own)) {
        this.unassign(own);
        return IDLE;
      }
    }
    operation.begin?.(state, elements, parameters);
    if (this.memory instanceof ViewMemory) {
      this.memory.begin(state, own);
    }
    this.raise(warning);
    own.observed = operation.observes?.(state) ?? false;
    return child;
  }

  private assign(own: CpuState, elements: readonly number[]): void {
    for (let role = 0; role < elements.length; role++) {
      own[ROLE_FIELDS[role] as `role${number}`] = (elements[role] as number) + 1;
    }
  }

  private unassign(own: CpuState): void {
    for (let role = 0; role < this.engine.definition.roles.count; role++) {
      own[ROLE_FIELDS[role] as `role${number}`] = 0;
    }
  }

  /**
   * Performs the next access of a CPU, and the following ones that need no interleaving.
   *
   * @param ignored under views: number of the newest writes to its word that a load ignores
   */
  step(state: RaceState<S>, cpu: number, ignored: number = 0): boolean {
    const own = at(state.cpus, cpu);
    if (own.node === IDLE) {
      return false;
    }
    const { access } = this.engine.trees.node(own.node);
    if (access === undefined) {
      // The thread has ended, but its stores are pending: the operation ends when its buffer is empty.
      if (!this.isDrained(own)) {
        return false;
      }
      this.end(state, own);
      this.compactViews(state);
      return true;
    }
    this.selectCpu(state, own);
    if (!this.isEnabled(access, own) || !this.canIgnore(ignored, access, own)) {
      return false;
    }
    const child = this.perform(own, own.node, access, false, ignored);
    this.observeAfter(access, state);
    this.performMerged(state, cpu, own, child, this.changesObserved(access));
    this.compactViews(state);
    return true;
  }

  /** Makes the steps on a packed state; undefined unless the memory model is sequential consistency. */
  onPacked(packed: PackedMemory<RaceState<S>>): PackedSteps<CpuState, RaceState<S>> | undefined {
    if (this.engine.options.memoryModel !== "sc") {
      return undefined;
    }
    const { trees, classes, cells, guards, options, templates } = this.engine;
    const { memory, hasObservers } = this;
    const rules: StepRules<RaceState<S>, CpuState> = {
      trees,
      classes,
      cells,
      cpus: options.cpus,
      cellClasses: guards.classes,
      hasObservers,
      mergesStarts: this.mergesStarts,
      startable: templates.flatMap(({ operation }, template) =>
        arrangements(this.elements, operation.roles.length).map((elements) => ({ template, elements })),
      ),
      mayStart: (state, template, elements) => this.mayStart(state, template, elements),
      startFrom: (state, cpu, own, node) => this.startFrom(state, cpu, own, node),
      begin: (state, own, template, elements) => this.begin(state, own, template, elements),
      step: (state, cpu) => this.step(state, cpu),
      performMerged: (state, cpu, own, node, isChanged) => this.performMerged(state, cpu, own, node, isChanged),
      isMerged: (node) => this.isMerged(node),
      changesObserved: (access) => this.changesObserved(access),
      observes: (node) => (templates[trees.node(node).program] as Template<S>).operation.observes !== undefined,
      observe: (state) => this.observe(state),
      checkDataRace: (own, node, theirs) => this.checkDataRace(own, node, theirs),
      raise: (warning) => this.raise(warning),
      end: (state, own) => this.end(state, own),
      requireAssumptions: () => this.requireAssumptions(),
      memoryOf: (state, own) => {
        this.selectCpu(state, own);
        return memory;
      },
    };
    return new PackedSteps(rules, packed, this.elements);
  }

  private canIgnore(writes: number, access: Access, own: CpuState): boolean {
    return writes === 0 || (this.memory instanceof ViewMemory && this.memory.canIgnore(writes, access, own));
  }

  private compactViews(state: RaceState<S>): void {
    if (this.memory instanceof ViewMemory) {
      this.memory.compact(state);
    }
  }

  /** Writes the oldest store of a CPU's buffer to memory. */
  drain(state: RaceState<S>, cpu: number): boolean {
    const own = at(state.cpus, cpu);
    const { memory } = this;
    if (!(memory instanceof StoreBufferMemory) || !memory.drain(state, own)) {
      return false;
    }
    this.observe(state);
    return true;
  }

  /** Whether a CPU is blocked: its next access is an await that is not enabled. */
  isBlocked(state: RaceState<S>, cpu: number): boolean {
    const own = at(state.cpus, cpu);
    if (!this.isAwait(own.node)) {
      return false;
    }
    const { access } = this.engine.trees.node(own.node);
    this.selectCpu(state, own);
    return access?.enabled?.(this.memory) === false && this.isDrained(own);
  }

  private isAwait(node: number): boolean {
    let cached = this.awaits[node];
    if (cached === undefined) {
      cached = this.engine.trees.node(node).access?.enabled === undefined ? 0 : 1;
      this.awaits[node] = cached;
    }
    return cached === 1;
  }

  /** Whether the next access of a CPU takes a lock, which only its holder can release. */
  takesLock(state: RaceState<S>, cpu: number): boolean {
    const { access } = this.engine.trees.node(at(state.cpus, cpu).node);
    return access?.kind === "lock" || (access?.kind === "rmw" && access.enabled !== undefined);
  }

  /** Whether an idle CPU can begin a call and perform its first access. */
  canBegin(state: RaceState<S>, cpu: number): boolean {
    const { templates, options, trees } = this.engine;
    const own = at(state.cpus, cpu);
    return templates.some(({ operation, parameters }, template) =>
      arrangements(this.elements, operation.roles.length).some((elements) => {
        const roles = Object.fromEntries(operation.roles.map((role, i) => [role, elements[i] as number]));
        if (
          !isNextCall(state, options, operation.name, { ...parameters, ...roles, cpu }) ||
          !operation.mayStart(state, elements, parameters)
        ) {
          return false;
        }
        const { access } = trees.node(trees.root(template).child);
        this.selectCpu(state, own);
        this.memory.assignment = Object.fromEntries(elements.map((each, role) => [ROLE_FIELDS[role], each + 1]));
        return access === undefined || this.isEnabled(access, own);
      }),
    );
  }

  /** Sets the state and the CPU through which memory is accessed. */
  private selectCpu(state: RaceState<S>, own: CpuState): void {
    this.memory.state = state;
    this.memory.assignment = own as Assignment;
    if (this.memory instanceof StoreBufferMemory) {
      this.memory.buffer = own.buffer;
    }
  }

  private isDrained({ buffer }: CpuState): boolean {
    return buffer.length === 0 || at(buffer, 0).cell === 0;
  }

  private isEnabled(access: Access, own: CpuState): boolean {
    const isLocked =
      access.kind === "rmw" || access.kind === "lock" || (access.kind === "fence" && access.order === "full");
    if (isLocked && !this.isDrained(own)) {
      return false;
    }
    if (!this.hasRoom(access, own)) {
      return false;
    }
    return access.enabled === undefined || access.enabled(this.memory);
  }

  /** Whether a CPU's buffer has room for a store; otherwise the CPU waits until older stores are in memory. */
  private hasRoom({ kind, cells }: Access, { buffer }: CpuState): boolean {
    return (
      (kind !== "store" && kind !== "unlock") ||
      buffer.length === 0 ||
      at(buffer, Math.max(0, buffer.length - cells.length)).cell === 0
    );
  }

  /** @returns the node after the access */
  private perform(own: CpuState, node: number, access: Access, isProtected: boolean, ignored: number = 0): number {
    const { trees, classes } = this.engine;
    const { log } = this;
    const before = log === undefined ? NO_VALUES : this.cellValues(access, ignored);
    if (log === undefined) {
      classes.step();
    }
    const edge = classes.edge(node, this.valueOf(own, access, isProtected, ignored));
    log?.push({ node, before, after: ignored > 0 ? before : this.cellValues(access, 0), ignored });
    this.raise(trees.warningOf(edge));
    return classes.reach(trees.childOf(edge));
  }

  /** Values of the cells of an access, as seen by the CPU. */
  private cellValues(access: Access, ignored: number): readonly number[] {
    const { memory } = this;
    return ignored > 0 && memory instanceof ViewMemory
      ? memory.older(access, ignored)
      : access.cells.map((cell) => memory.read(cell));
  }

  /** Performs an access. @returns the value for the thread */
  private valueOf(own: CpuState, access: Access, isProtected: boolean, ignored: number): number {
    const { memory } = this;
    if (memory instanceof StoreBufferMemory) {
      // Stores that are visible to this CPU only need not go through the buffer.
      memory.isBuffering =
        !isProtected && (access.kind === "store" || access.kind === "unlock") && !memory.isEmptyUnlock(access);
    } else if (memory instanceof ViewMemory && !isProtected) {
      return memory.perform(access, own, ignored);
    }
    return access.perform(memory as Memory);
  }

  /** Performs accesses that need no interleaving, up to the next one that does, or the end. */
  private performMerged(state: RaceState<S>, cpu: number, own: CpuState, first: number, hasChanged: boolean): void {
    const { trees } = this.engine;
    const { cpus } = this.engine.options;
    let index = first;
    let isChanged = hasChanged;
    this.selectCpu(state, own);
    while (this.isMerged(index)) {
      const access = trees.node(index).access as Access;
      if (cpus > 1 && this.changesObserved(access)) {
        // Properties must see every value of observed cells: one change in a step, and none if an operation observes.
        if (isChanged || this.hasObservers) {
          break;
        }
        isChanged = true;
      }
      if (access.kind === "unlock" && !this.hasRoom(access, own)) {
        break;
      }
      // A single CPU that waits for itself.
      if (access.enabled !== undefined && !this.isEnabled(access, own)) {
        break;
      }
      // Locks and fences are visible to all CPUs.
      index = this.perform(own, index, access, isMemoryAccess(access));
    }
    this.requireAssumptions();
    own.node = index;
    if (trees.node(index).access === undefined) {
      if (this.isDrained(own)) {
        this.end(state, own);
      }
    } else {
      this.findDataRaces(state, cpu, own, index);
    }
  }

  private requireAssumptions(): void {
    const { guards, classes } = this.engine;
    if (guards.isBroken) {
      throw new AssumptionFailed("an access that was assumed to be protected is not");
    }
    if (classes.isOver) {
      throw new AssumptionFailed("positions in access trees that were assumed to be equal differ, or vice versa");
    }
  }

  private isMerged(index: number): boolean {
    if (!this.mergesAccesses) {
      return false;
    }
    let cached = this.merged[index];
    if (cached === undefined) {
      cached = this.canMerge(this.engine.trees.node(index)) ? 1 : 0;
      this.merged[index] = cached;
    }
    return cached === 1;
  }

  private canMerge({ access, locks }: Node): boolean {
    if (access === undefined || (access.enabled !== undefined && this.engine.options.cpus > 1)) {
      return false;
    }
    const { kind } = access;
    if (kind === "lock" && access.enabled === undefined) {
      // A lock that no other CPU can wait for.
      return true;
    }
    if (this.engine.options.cpus === 1) {
      return true;
    }
    if (kind === "unlock") {
      // Other CPUs wait for the lock and can do nothing else with it, unless they read it without waiting.
      return !access.cells.some((cell) => this.engine.guards.isTested(cell));
    }
    if (kind === "fence") {
      // smp_rmb() and smp_wmb() order only accesses of this CPU.
      return access.order !== "full";
    }
    return this.engine.guards.isProtected(access, locks);
  }

  /** Whether an access writes cells that properties or operations observe. */
  private changesObserved({ kind, cells }: Access): boolean {
    if (kind === "load") {
      return false;
    }
    for (let i = 0; i < cells.length; i++) {
      if (this.observedCells[cells[i] as number] === true) {
        return true;
      }
    }
    return false;
  }

  private end(state: RaceState<S>, own: CpuState): void {
    const { trees, templates } = this.engine;
    const { program, result } = trees.node(own.node);
    const { operation, parameters } = templates[program] as Template<S>;
    const elements = this.elementsOf(own, operation);
    own.node = IDLE;
    const { observed } = own;
    own.observed = false;
    this.unassign(own);
    this.raise(operation.end?.(state, elements, parameters, result, observed) ?? 0);
  }

  private elementsOf(own: CpuState, { roles }: Operation<S>): number[] {
    return roles.map((_, role) => (own[`role${role}`] as number) - 1);
  }

  /** Evaluates the conditions that operations observe, if the access may have changed their values. */
  private observeAfter(access: Access, state: RaceState<S>): void {
    if (this.hasObservers && this.changesObserved(access)) {
      this.observe(state);
    }
  }

  /** Evaluates the conditions that operations observe. */
  private observe(state: RaceState<S>): void {
    const { trees, templates } = this.engine;
    for (let i = 0; i < state.cpus.length; i++) {
      const each = at(state.cpus, i);
      if (each.node === IDLE || each.observed) {
        continue;
      }
      const { observes } = (templates[trees.node(each.node).program] as Template<S>).operation;
      if (observes?.(state) === true) {
        each.observed = true;
      }
    }
  }

  private raise(warning: number): void {
    const { warnings } = this.engine.definition;
    if (warning !== 0 && warnings.first === 0) {
      warnings.first = warning;
    }
  }

  /** @param node the node whose access is next */
  private findDataRaces(state: RaceState<S>, cpu: number, own: CpuState, node: number): void {
    const traits = this.traitsOf(node);
    if ((traits & Trait.memory) === 0) {
      return;
    }
    for (let other = 0; other < state.cpus.length; other++) {
      const theirs = at(state.cpus, other);
      if (other !== cpu && theirs.node !== IDLE) {
        const both = traits | this.traitsOf(theirs.node);
        const each = traits & this.traitsOf(theirs.node);
        if ((each & Trait.memory) !== 0 && (both & Trait.plain) !== 0 && (both & Trait.write) !== 0) {
          this.checkDataRace(own, node, theirs);
        }
      }
    }
  }

  private traitsOf(node: number): number {
    let cached = this.traits[node];
    if (cached === undefined) {
      const { access } = this.engine.trees.node(node);
      cached =
        access === undefined || !isMemoryAccess(access)
          ? 0
          : Trait.memory | (access.marked ? 0 : Trait.plain) | (isWrite(access) ? Trait.write : 0);
      this.traits[node] = cached;
    }
    return cached;
  }

  private checkDataRace(own: CpuState, node: number, theirs: CpuState): void {
    const { trees, dataRaces, classes } = this.engine;
    if (classes.isBroken) {
      return;
    }
    const [one, other] = [trees.node(node), trees.node(theirs.node)];
    if (!this.isSameMemory(one.access as Access, own, other.access as Access, theirs)) {
      return;
    }
    const nodes = node * 2 ** 24 + theirs.node;
    let code = this.codesByNodes.get(nodes);
    if (code === undefined) {
      const race = dataRaceOf(one, other);
      const name = dataRaceName(race);
      const recorded = dataRaces.get(name) ?? race;
      dataRaces.set(name, recorded);
      code = this.raceCodes(recorded);
      this.codesByNodes.set(nodes, code);
    }
    this.raise(code);
  }

  private isSameMemory(one: Access, own: CpuState, other: Access, theirs: CpuState): boolean {
    return one.cells.some((cell) => other.cells.some((each) => this.isSameCell(cell, own, each, theirs)));
  }

  private isSameCell(cell: number, own: CpuState, other: number, theirs: CpuState): boolean {
    const { cells, guards } = this.engine;
    const elementOf = (each: number, cpu: CpuState): number => {
      const { role } = cells.all[each] as Cells["all"][number];
      return role < 0 ? 0 : (cpu[ROLE_FIELDS[role] as `role${number}`] as number);
    };
    return guards.classes[cell] === guards.classes[other] && elementOf(cell, own) === elementOf(other, theirs);
  }
}

function memoryOf<S>({
  cells,
  options,
  definition,
  viewLimits,
}: RaceEngine<S>): StateMemory | StoreBufferMemory | ViewMemory {
  switch (options.memoryModel) {
    case "tso":
      return new StoreBufferMemory(cells);
    case "views":
      return new ViewMemory(cells, (path) => definition.describe(path).object, viewLimits);
    default:
      return new StateMemory(cells);
  }
}

/** The actions of a machine. @param elements number of elements of the scalarset */
export function raceActions<S, C>(
  { operations, options, templates, viewLimits }: RaceEngine<S>,
  steps: RaceSteps<S>,
  elements: number,
): Action<RaceState<S>, C>[] {
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
  const cpu = upTo(options.cpus);
  let packed: PackedSteps<CpuState, RaceState<S>> | undefined;
  // All actions of a machine share one object.
  const onPacked = (state: PackedMemory<RaceState<S>>): typeof packed => {
    packed = packed?.isOn(state) === true ? packed : steps.onPacked(state);
    return packed;
  };
  const begins = operations.map((operation) => {
    const { name, roles, choices } = operation;
    const first = templates.findIndex((each) => each.operation === operation);
    const names = Object.keys(choices[0] ?? {});
    const domains: Record<string, readonly (number | boolean | string)[]> = { cpu };
    for (const role of roles) {
      domains[role] = upTo(elements);
    }
    for (const each of names) {
      domains[each] = [...new Set(choices.map((choice) => choice[each] as number))];
    }
    const indexOf = (p: Parameters): number =>
      choices.findIndex((choice) => names.every((each) => choice[each] === p[each]));
    const starts = new Map<Parameters, { template: number; elements: number[] }>();
    const startOf = (p: Parameters): { template: number; elements: number[] } => {
      let start = starts.get(p);
      if (start === undefined) {
        start = { template: first + indexOf(p), elements: roles.map((role) => p[role] as number) };
        starts.set(p, start);
      }
      return start;
    };
    const recipe = (state: RaceState<S>, _context: C, p: Parameters): boolean => {
      const cpu = p["cpu"] as number;
      if (at(state.cpus, cpu).node !== IDLE || !isNextCall(state, options, name, p)) {
        return false;
      }
      const { template, elements } = startOf(p);
      if (!steps.start(state, cpu, template, elements)) {
        return false;
      }
      if (options.calls !== undefined) {
        at(state.cpus, cpu).begun += 1;
      }
      return true;
    };
    const begin: Action<RaceState<S>, C> = action(name, domains, recipe, {
      where: (p: Parameters) =>
        new Set(roles.map((role) => p[role])).size === roles.length && indexOf(p) >= 0 && isAnyCall(options, name, p),
      guard: isIdle,
    });
    return options.calls !== undefined
      ? begin
      : {
          ...begin,
          packed: (state: PackedMemory<RaceState<S>>) =>
            onPacked(state)?.starts(begin.choices.map((p) => ({ cpu: p["cpu"] as number, ...startOf(p) }))),
        };
  });
  const ignores = upTo(viewLimits.ignored + 1);
  return [
    options.memoryModel === "views"
      ? action("step", { cpu, ignores }, (state: RaceState<S>, _context: C, p: { cpu: number; ignores: number }) =>
          steps.step(state, p.cpu, p.ignores),
        )
      : action("step", { cpu }, (state: RaceState<S>, _context: C, p: { cpu: number }) => steps.step(state, p.cpu), {
          packed: (state) => {
            const all = onPacked(state);
            return all && ((instance) => all.step(instance));
          },
        }),
    ...(options.memoryModel === "tso"
      ? [action("drain", { cpu }, (state: RaceState<S>, _context: C, p: { cpu: number }) => steps.drain(state, p.cpu))]
      : []),
    ...begins,
  ] as Action<RaceState<S>, C>[];
}

/** With lists of calls: whether this call is in the CPU's list. */
function isAnyCall({ calls }: RaceOptions, operation: string, p: Parameters): boolean {
  return calls === undefined || (calls[p["cpu"] as number] ?? []).some((call) => isCall(call, operation, p));
}

function isCall(call: OperationCall, operation: string, p: Parameters): boolean {
  return call.operation === operation && Object.entries(call.parameters).every(([name, value]) => p[name] === value);
}

/** A single function for all operations, so that it is evaluated once. */
function isIdle<S>(state: RaceState<S>, _context: unknown, cpu: ParameterValue): boolean {
  return at(state.cpus, cpu as number).node === IDLE;
}

/** With lists of calls: whether this call is the CPU's next. */
function isNextCall<S>(state: RaceState<S>, { calls }: RaceOptions, operation: string, p: Parameters): boolean {
  if (calls === undefined) {
    return true;
  }
  const cpu = p["cpu"] as number;
  const own = at(state.cpus, cpu);
  const call = calls[cpu]?.[own.begun];
  return call !== undefined && isCall(call, operation, p);
}

/** Whether all CPUs are idle and no store is pending. */
export function isAtRest({ cpus }: { readonly cpus: readonly { readonly node: number }[] }): boolean {
  for (let i = 0; i < cpus.length; i++) {
    if (at(cpus, i).node !== IDLE) {
      return false;
    }
  }
  return true;
}

/**
 * Whether CPUs execute operations and all of these are blocked for ever: a deadlock. Only its holder releases a lock,
 * so calls that other CPUs may begin do not end the wait for one. They may end the wait for a condition.
 */
export function isDeadlocked<S>(steps: RaceSteps<S>, state: RaceState<S>): boolean {
  let waiting = 0;
  let forLocks = 0;
  for (let i = 0; i < state.cpus.length; i++) {
    if (at(state.cpus, i).node === IDLE) {
      continue;
    }
    if (!steps.isBlocked(state, i)) {
      return false;
    }
    waiting += 1;
    forLocks += steps.takesLock(state, i) ? 1 : 0;
  }
  return waiting > 0 && (forLocks === waiting || !canAnyBegin(steps, state));
}

function canAnyBegin<S>(steps: RaceSteps<S>, state: RaceState<S>): boolean {
  return state.cpus.some(({ node }, cpu) => node === IDLE && steps.canBegin(state, cpu));
}

/** All sequences of distinct numbers below `count`. */
export function arrangements(count: number, length: number): number[][] {
  if (length === 0) {
    return [[]];
  }
  return arrangements(count, length - 1).flatMap((start) =>
    Array.from({ length: count }, (_, i) => i)
      .filter((each) => !start.includes(each))
      .map((each) => [...start, each]),
  );
}
