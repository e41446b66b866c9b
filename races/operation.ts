/** Operations that a CPU can execute. */
import type { Parameters } from "../explore/model/action-call.ts";

/** An operation with its domains. `S` is the state without CPUs. */
export interface Operation<S> {
  readonly name: string;
  /** Names of the parameters that are elements of the scalarset: different elements, in the order of roles. */
  readonly roles: readonly string[];
  /** All combinations of its other parameters. */
  readonly choices: readonly Parameters[];
  /**
   * Whether it may start in a state. Starts without any effect may be excluded: a start can always be later.
   *
   * @param elements positions of the elements, by role
   */
  readonly mayStart: (state: S, elements: readonly number[], parameters: Parameters) => boolean;
  /**
   * Names of the other parameters that `end` and `observes` depend on. Absent: all. Calls that differ in other
   * parameters only may have equal futures from some access on: see NodeClasses.
   */
  readonly endsBy?: readonly string[];
  /** Changes the state at the start, atomically. */
  readonly begin?: (state: S, elements: readonly number[], parameters: Parameters) => void;
  /**
   * The thread. `shared` is the state as shared memory, with elements indexed by role.
   *
   * @returns its result, a 32-bit integer
   */
  readonly run: (shared: S, parameters: Parameters) => number;
  /**
   * Changes the state at the end of the thread, atomically with its last access.
   *
   * @param observed whether `observes` was true at any instant since the operation began
   * @returns code of a warning to raise; 0 for none
   */
  readonly end?: (
    state: S,
    elements: readonly number[],
    parameters: Parameters,
    result: number,
    observed: boolean,
  ) => number;
  /** A condition that is evaluated at every instant of the operation. */
  readonly observes?: (state: S) => boolean;
}
