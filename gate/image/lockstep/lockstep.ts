/**
 * Runs the model in lockstep with the image: for each operation that the model has as well, its functions run on the
 * same state, and both results must be equal.
 */
import type { Walk } from "../../../model/environment/walk.ts";
import type { Kernel } from "../../../model/kernel/kernel.ts";
import { reportingTo, Warnings, warningName } from "../../../model/kernel/warnings.ts";
import type { Folio } from "../../../model/state/structs.ts";
import { VMA_WORDS, WorldWord } from "../world/world-layout.ts";
import { type ComparedValue, Comparison, type LockstepDifference } from "./comparison.ts";
import { type Counterpart, counterpartOf, ONE_WALK, type Transition } from "./counterparts.ts";
import { DecodedWorld } from "./decoded-world.ts";
import { TransitionSet } from "./transition-set.ts";

/** Number of transitions of an operation that were compared with the model, and the reasons why others were not. */
export interface LockstepCount {
  readonly operation: string;
  readonly compared: number;
  readonly notCompared: readonly { readonly reason: string; readonly transitions: number }[];
}

interface Tally {
  compared: number;
  readonly notCompared: Map<string, number>;
}

/** Counts transitions by operation. */
export class LockstepCounts {
  private readonly tallies = new Map<string, Tally>();

  /** @param reason why the transition was not compared; undefined if it was */
  add(operation: string, reason: string | undefined): void {
    let tally = this.tallies.get(operation);
    if (tally === undefined) {
      tally = { compared: 0, notCompared: new Map() };
      this.tallies.set(operation, tally);
    }
    if (reason === undefined) {
      tally.compared += 1;
    } else {
      tally.notCompared.set(reason, (tally.notCompared.get(reason) ?? 0) + 1);
    }
  }

  /** Counts by operation, in the order of first occurrence. */
  get all(): readonly LockstepCount[] {
    return [...this.tallies].map(([operation, { compared, notCompared }]) => ({
      operation,
      compared,
      notCompared: [...notCompared].map(([reason, transitions]) => ({ reason, transitions })),
    }));
  }
}

/** An operation that the image has executed. */
export interface ExecutedOperation {
  readonly operation: string;
  readonly parameters: readonly number[];
  readonly refused: boolean;
}

/** Parameters of a comparison in lockstep. */
export interface LockstepSubject {
  readonly kernel: Kernel;
  /** First pages of the page tables that operations reach, ascending. */
  readonly tables: readonly number[];
  /** Whether processes clear soft-dirty bits, which removes write access. */
  readonly hasSoftDirty: boolean;
}

/** Reads the current state from the memory of an image. */
export interface StateReading {
  /** Words of the world: see WorldWord. */
  readonly world: () => Int32Array;
  /** Words of the VMAs: see VmaFlag. */
  readonly vmas: () => Int32Array;
}

/** Compares transitions of an image with the model. */
export class Lockstep {
  readonly subject: LockstepSubject;
  private readonly counts: LockstepCounts;
  /** Warnings of the model. */
  private readonly warnings: Warnings = new Warnings();
  private readonly world: DecodedWorld;
  private readonly comparison: Comparison;
  private readonly before: Int32Array = new Int32Array(WorldWord.words);
  private readonly vmas: Int32Array = new Int32Array(VMA_WORDS);
  private readonly transitions: TransitionSet = new TransitionSet();
  private state: number | undefined;

  constructor(subject: LockstepSubject, counts: LockstepCounts) {
    // Unlike the model, the decoded state shows which pages contain zeros. khugepaged_max_ptes_none of the image is 0.
    const kernel = reportingTo(this.warnings, { ...subject.kernel, thpUnderused: holdsZeros });
    this.subject = { ...subject, kernel };
    this.counts = counts;
    this.world = new DecodedWorld(subject.tables);
    this.comparison = new Comparison(this.world, kernel);
  }

  /**
   * Sets the start state of the following operations.
   *
   * @param state its number
   * @param read reads the words of the world and of the VMAs, unless the state is unchanged
   */
  startFrom(state: number, read: StateReading): void {
    if (state !== this.state) {
      this.before.set(read.world());
      this.vmas.set(read.vmas());
      this.state = state;
      this.transitions.startFrom(state);
    }
  }

  /**
   * Compares the result of an operation.
   *
   * @param after the state of the image after the operation, with the frames of the state before it
   * @returns all differences
   */
  compare({ operation, parameters, refused }: ExecutedOperation, after: Int32Array): readonly LockstepDifference[] {
    const { world, before, vmas, subject } = this;
    const { kernel, hasSoftDirty } = subject;
    const counterpart = counterpartOf(operation, parameters);
    world.decode(before, counterpart.free);
    const transition: Transition = { world, kernel, before, vmas, after, parameters, refused, hasSoftDirty };
    const reason = counterpart.skipReason?.(transition);
    if (this.transitions.isFirst(operation, parameters)) {
      this.counts.add(counterpart.name, reason);
    }
    if (reason !== undefined) {
      return [];
    }
    let first: readonly LockstepDifference[] | undefined;
    for (const walk of counterpart.walks ?? ONE_WALK) {
      if (first !== undefined) {
        world.decode(before, counterpart.free);
      }
      const differences = this.compareRun(counterpart, transition, walk);
      if (differences.length === 0) {
        return differences;
      }
      first ??= differences;
    }
    return first ?? [];
  }

  private compareRun(counterpart: Counterpart, transition: Transition, walk: Walk): readonly LockstepDifference[] {
    const failure = runModel(counterpart, transition, walk, this.warnings);
    return failure === undefined
      ? this.comparison.compare(transition.after)
      : [{ place: { kind: "model" }, field: counterpart.name, model: failure, image: "done" }];
  }
}

/** Whether a page of a folio contains zeros. Its content is the byte that processes write. */
function holdsZeros({ pages }: Folio): boolean {
  return pages.some(({ content }) => content === 0);
}

/** @returns the failure of the model: it cannot execute the operation, or raises a warning; undefined for none */
function runModel(
  counterpart: Counterpart,
  transition: Transition,
  walk: Walk,
  warnings: Warnings,
): ComparedValue | undefined {
  warnings.first = 0;
  try {
    if (!counterpart.run(transition, walk)) {
      return "not enabled";
    }
  } catch (error) {
    if (error instanceof RangeError) {
      return error.message;
    }
    throw error;
  }
  const { first } = warnings;
  const warning = warningName(first);
  return first === 0 ? undefined : warning === undefined ? `warning ${first}` : { warning };
}
