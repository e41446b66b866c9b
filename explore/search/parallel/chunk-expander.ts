/** Expands chunks of states in a worker. */
import type { Discovery } from "../../checkpoint/position.ts";
import type { Machine } from "../../model/machine.ts";
import { allowDeepInlining } from "../../packed/jit.ts";
import { type CopyWords, copyWords } from "../../packed/word-loops.ts";
import type { VisitedStates } from "../../visited/visited-states.ts";
import { Expansion, GROUP } from "../expansion.ts";
import { LONG_SEARCH } from "../long-search.ts";
import { PropertyChecks } from "../property-checks.ts";
import type { ExpandedChunk } from "./expanded-chunk.ts";

/**
 * Expands states as the search does, but only looks successors up. A chunk in which anything happens besides new states
 * is not expanded: an error, a violation or a witness, a warning, a deadlock, an omitted step. The search expands those
 * chunks itself, so that each of these has its place in the order of the states, and is handled in one way.
 */
export class ChunkExpander {
  private readonly machine: Machine;
  private readonly visited: VisitedStates;
  private readonly checks: PropertyChecks;
  private readonly expansion: Expansion;
  private readonly copy: CopyWords;
  private readonly refresh: () => void;
  private readonly ends: Int32Array = new Int32Array(GROUP);
  private isLong = false;
  /** Keeps the prefetching loads alive. */
  private touched = 0;

  /**
   * @param visited the visited states of the search
   * @param options those of the search
   * @param refresh updates `visited`
   */
  constructor(
    machine: Machine,
    visited: VisitedStates,
    { symmetry, allViolations }: { readonly symmetry: boolean; readonly allViolations: boolean },
    refresh: () => void,
  ) {
    this.machine = machine;
    this.visited = visited;
    this.refresh = refresh;
    this.checks = new PropertyChecks(machine, allViolations);
    const canonicalize = symmetry ? machine.canonicalize : undefined;
    this.expansion = new Expansion(machine, visited, this.checks, { canonicalize, allViolations });
    this.copy = copyWords(machine.words);
    if (symmetry) {
      machine.canonicalizeInSteps?.(true);
    }
  }

  /** Adopts the decisions of the search, between chunks: these properties are no longer evaluated. */
  adopt(witnesses: readonly Discovery[], violations: readonly Discovery[]): void {
    const { checks, expansion } = this;
    const { checksSteps } = checks;
    checks.adopt(witnesses, violations);
    if (checks.checksSteps !== checksSteps) {
      expansion.renewLoops();
    }
  }

  /** Expands the states of a chunk and writes the results into it. */
  expand(chunk: ExpandedChunk): void {
    const { checks, expansion, machine } = this;
    if (!this.isLong && chunk.first >= LONG_SEARCH) {
      this.isLong = true;
      this.compileForLongSearch();
    }
    machine.warnings.first = 0;
    checks.premises.ignore();
    checks.premises.restore(new Float64Array(chunk.evaluations.length));
    checks.checked.fill(0);
    chunk.checked.fill(0);
    expansion.transitions = 0;
    expansion.enabled.fill(0);
    const successors = this.successorsInto(chunk);
    chunk.enabled.set(expansion.enabled);
    chunk.evaluations.set(checks.premises.counts());
    chunk.finish(successors);
  }

  private compileForLongSearch(): void {
    if (this.machine.actions.some(({ applyRecipe }) => applyRecipe === undefined)) {
      allowDeepInlining();
    }
    this.expansion.renewLoops();
  }

  /** @returns the number of successors; undefined when the search has to expand the states */
  private successorsInto(chunk: ExpandedChunk): number | undefined {
    const { first, end } = chunk;
    if (this.checks.isOver) {
      return undefined;
    }
    const decided = this.decided;
    const omitted = this.expansion.leftOut.steps;
    let total = 0;
    try {
      for (let from = first; from < end; from += GROUP) {
        total = this.expandGroup(from, Math.min(GROUP, end - from), chunk, total);
        if (this.decided !== decided || this.expansion.leftOut.steps !== omitted) {
          return undefined;
        }
      }
    } catch {
      // The search expands these states itself, and raises the error if it is one.
      return undefined;
    }
    return this.machine.restoreArrays?.(true) === undefined ? total : undefined;
  }

  /** Number of violations and witnesses. */
  private get decided(): number {
    return this.checks.violations.length + this.checks.witnesses.length;
  }

  /** Expands states together: see Search. @returns the number of successors in the chunk */
  private expandGroup(from: number, count: number, chunk: ExpandedChunk, before: number): number {
    const { expansion, visited, machine, copy, ends, checks } = this;
    const { batch } = expansion;
    const { words, memory } = machine;
    let found = 0;
    for (let i = 0; i < count; i++) {
      copy(chunk.sources, (from + i - chunk.first) * words, batch.source, 0);
      found = expansion.takeAll(from + i, found);
      ends[i] = found;
    }
    this.addEvaluations(chunk);
    // The later, the more of the successors are visible as visited states.
    this.refresh();
    this.touched ^= visited.prefetch(batch.hashes, 0, found);
    let total = before;
    for (let i = 0, at = 0; i < count; i++) {
      for (; at < (ends[i] as number); at++) {
        const hash = batch.hashes[at] as number;
        if (visited.has(batch.states, at * words, hash)) {
          continue;
        }
        copy(batch.states, at * words, chunk.states, total * words);
        chunk.hashes[total] = hash;
        chunk.via[total] = batch.via[at] as number;
        copy(batch.states, at * words, memory, 0);
        checks.checkState(from + i, batch.changed[at] as number);
        this.addEvaluations(chunk, total);
        total += 1;
      }
      chunk.ends[from + i - chunk.first] = total;
    }
    return total;
  }

  /** Moves the counts of evaluations to the chunk. @param successor the only state on which there were evaluations */
  private addEvaluations(chunk: ExpandedChunk, successor?: number): void {
    const { checked } = this.checks;
    const { evaluated, evaluatedWords } = chunk;
    const at = (successor ?? 0) * evaluatedWords;
    if (successor !== undefined) {
      for (let word = 0; word < evaluatedWords; word++) {
        evaluated[at + word] = 0;
      }
    }
    for (let property = 0; property < checked.length; property++) {
      const times = checked[property] as number;
      if (times !== 0) {
        checked[property] = 0;
        chunk.checked[property] = (chunk.checked[property] as number) + times;
        if (successor !== undefined) {
          const word = at + (property >> 5);
          evaluated[word] = (evaluated[word] as number) | (1 << (property & 31));
        }
      }
    }
  }
}
