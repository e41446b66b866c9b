/** Operations: what a CPU can be asked to do. */
import type { Parameters } from "../explore/model/action-call.ts";

/** An operation with its domains. `S` is the state without CPUs. */
export interface Operation<S> {
  readonly name: string;
  /** Names of its parameters that are elements of the symmetric sort: different elements, in the order of roles. */
  readonly roles: readonly string[];
  /** Every choice of its other parameters. */
  readonly choices: readonly Parameters[];
  /**
   * Whether it may start in a state. It may leave out starts that come to nothing: a start can always be later.
   *
   * @param elements positions of the elements, by role
   */
  readonly mayStart: (state: S, elements: readonly number[], parameters: Parameters) => boolean;
  /**
   * Names of the other parameters that `end` and `observes` depend on; all when absent. Calls that differ in others only may turn
   * out to do the same from some access on: see NodeClasses.
   */
  readonly endsBy?: readonly string[];
  /** Changes the state when it starts, atomically. */
  readonly begin?: (state: S, elements: readonly number[], parameters: Parameters) => void;
  /**
   * The thread. `shared` is the state as shared memory, in which elements are by role.
   *
   * @returns its result, a 32-bit integer
   */
  readonly run: (shared: S, parameters: Parameters) => number;
  /**
   * Changes the state when the thread has ended, atomically with its last access.
   *
   * @param observed whether `observes` was true at some instant since the operation began
   * @returns code of a warning to raise; 0 for none
   */
  readonly end?: (
    state: S,
    elements: readonly number[],
    parameters: Parameters,
    result: number,
    observed: boolean,
  ) => number;
  /** A condition that is evaluated at every instant while the operation is executed. */
  readonly observes?: (state: S) => boolean;
}
