/** Solvers together: every query goes to each, and an answer counts when none contradicts it. */
import type { StopSignal } from "../../files/stop-signal.ts";
import type { SolverResult } from "../proof-result.ts";
import { cachedAnswer } from "./cached-solver.ts";
import type { Answer, Solver } from "./solver.ts";

/** Seconds for one answer, where nothing else is asked for. */
export const ANSWER_SECONDS = 60;

/** Options of a panel of solvers. */
export interface PanelOptions {
  readonly solvers: readonly Solver[];
  /** Seconds for one answer. */
  readonly timeout: number;
  /** Queries to answer at one time. */
  readonly workers: number;
  readonly cacheFolder?: string;
  /** When it is aborted, every query that has no answer yet is unknown. */
  readonly signal?: StopSignal;
}

/** Solvers, and what they have done so far. */
export class Panel {
  readonly #options: PanelOptions;
  readonly #taken: number[];
  readonly #cached: number[];
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  queries = 0;
  bytes = 0;

  constructor(options: PanelOptions) {
    this.#options = options;
    this.#taken = options.solvers.map(() => 0);
    this.#cached = options.solvers.map(() => 0);
  }

  /** Answers a query: definite when a solver says so and none says otherwise. */
  async ask(query: string): Promise<Answer> {
    const { solvers, timeout, cacheFolder, signal } = this.#options;
    this.queries += 1;
    this.bytes += Buffer.byteLength(query);
    const answers = await Promise.all(
      solvers.map(async (solver, i) => {
        const { answer, seconds, isFromCache } = await this.#inTurn(() =>
          cachedAnswer(solver, query, timeout, cacheFolder, signal),
        );
        this.#taken[i] = (this.#taken[i] as number) + seconds;
        this.#cached[i] = (this.#cached[i] as number) + (isFromCache ? 1 : 0);
        return answer;
      }),
    );
    return agreed(
      solvers.map(({ name }) => name),
      answers,
    );
  }

  /** Statistics of each solver. */
  get results(): readonly SolverResult[] {
    return this.#options.solvers.map(({ name, version }, i) => ({
      name,
      version,
      seconds: this.#taken[i] as number,
      fromCache: this.#cached[i] as number,
    }));
  }

  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#options.workers) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await run();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#running -= 1;
      } else {
        next();
      }
    }
  }
}

/** The answer of all. Solvers that contradict each other prove nothing. */
export function agreed(names: readonly string[], answers: readonly Answer[]): Answer {
  const sat = answers.findIndex(({ kind }) => kind === "sat");
  const unsat = answers.findIndex(({ kind }) => kind === "unsat");
  if (sat >= 0 && unsat >= 0) {
    return { kind: "unknown", why: `${names[sat]} answers sat, ${names[unsat]} unsat` };
  }
  return answers[Math.max(sat, unsat)] ?? answers[0] ?? { kind: "unknown", why: "there is no solver" };
}
