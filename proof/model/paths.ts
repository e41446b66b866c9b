/**
 * Every path of a function that branches on symbols. The function is executed once for each path: where it branches,
 * the path takes one side, and a later execution the other. What the executions end with is one tree, in whose branches
 * the values are chosen.
 */
import { NotExecutable } from "../symbolic/not-executable.ts";
import { conditionsOf, FALSE, not, type Term, TRUE } from "../symbolic/term.ts";

/** Paths of one function: those of the model have a tenth of it. */
const MOST_PATHS = 1000;

/** The results of all paths, by the conditions of their branches. */
export type Paths<T> =
  | { readonly kind: "end"; readonly result: T }
  | {
      readonly kind: "branch";
      readonly condition: Term;
      readonly ifTrue: Paths<T>;
      readonly ifFalse: Paths<T>;
    };

/** One path, while it is executed. */
export class Path {
  readonly #given: readonly boolean[];
  readonly #known = new Set<Term>();
  /** The branches so far where both sides are possible, as far as the terms show. */
  readonly branches: { readonly condition: Term; readonly taken: boolean }[] = [];

  /**
   * @param given the sides of the first branches; later ones take the true side
   * @param assumed conditions that hold in whatever is concluded
   */
  constructor(given: readonly boolean[], assumed: readonly Term[] = []) {
    this.#given = given;
    this.#know(...assumed);
  }

  /** The side that this path takes. */
  decide(condition: Term): boolean {
    const known = this.#knownValue(condition);
    if (known !== undefined) {
      return known;
    }
    const taken = this.#given[this.branches.length] ?? true;
    this.branches.push({ condition, taken });
    this.#know(taken ? condition : not(condition));
    return taken;
  }

  #know(...conditions: readonly Term[]): void {
    for (const condition of conditions) {
      for (const each of [condition, ...conditionsOf(condition)]) {
        this.#known.add(each);
      }
    }
  }

  /** The value of a condition where the branches so far decide it. */
  #knownValue(condition: Term): boolean | undefined {
    const conditions = conditionsOf(condition);
    if (condition === TRUE || this.#known.has(condition) || conditions.every((each) => this.#known.has(each))) {
      return true;
    }
    return condition === FALSE || [condition, ...conditions].some((each) => this.#known.has(not(each)))
      ? false
      : undefined;
  }
}

/**
 * Executes every path.
 *
 * @param run must do the same each time, but for the sides that the path takes
 * @param assumed conditions: paths on which they do not hold are left out
 * @throws NotExecutable when there are too many
 */
export function allPaths<T>(run: (path: Path) => T, assumed: readonly Term[] = []): Paths<T> {
  let count = 0;
  const from = (given: readonly boolean[]): Paths<T> => {
    count += 1;
    if (count > MOST_PATHS) {
      throw new NotExecutable(`more than ${MOST_PATHS} paths`);
    }
    const path = new Path(given, assumed);
    let paths: Paths<T> = { kind: "end", result: run(path) };
    const sides = path.branches.map(({ taken }) => taken);
    for (let i = path.branches.length - 1; i >= given.length; i--) {
      const { condition } = path.branches[i] as { readonly condition: Term };
      paths = { kind: "branch", condition, ifTrue: paths, ifFalse: from([...sides.slice(0, i), false]) };
    }
    return paths;
  };
  return from([]);
}
