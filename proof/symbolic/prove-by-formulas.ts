/** The proof of functions for every size, by formulas. */
import { type FailedState, failedStep, type NumberStep, type NumbersOf } from "../check-obligations.ts";
import type { FormulaResult, ObligationResult } from "../proof-result.ts";
import { Panel, type PanelOptions } from "../solver/panel.ts";
import type { Answer } from "../solver/solver.ts";
import type { Invariant, OperationOf, Theory, Topic } from "../theory.ts";
import { MAPPINGS_MAX } from "../tracked-state.ts";
import type { Agreement } from "./agreement.ts";
import { NotExecutable } from "./not-executable.ts";
import { type Evaluate, numberOf } from "./numbers.ts";
import { necessities, obligations, type Query } from "./queries.ts";
import { smtQuery } from "./smt-lib.ts";
import { and, evaluator, FALSE, type Term, TRUE } from "./term.ts";
import type { TermFunctions, TermState, TermStep } from "./term-functions.ts";
import { TERMS } from "./terms-logic.ts";

/** A query as text, for `--smt-out`. */
export interface QueryText {
  readonly name: string;
  readonly text: string;
}

/** Functions of a topic that can be executed with symbols, and with numbers. */
export interface SymbolicSubject<T extends Topic> {
  readonly theory: Theory<T>;
  /** Executes them with symbols. @throws NotExecutable when that cannot be done */
  readonly terms: () => TermFunctions<T>;
  /** Compares the terms with executions. */
  readonly agreement: (functions: TermFunctions<T>) => Agreement;
  /** Situations that the assumptions must allow. */
  readonly possibilities: (functions: TermFunctions<T>, invariant: Invariant<T>) => readonly Query[];
  /** A state, and a step, as numbers. */
  readonly numbersOf: (state: TermState<T>, evaluate: Evaluate) => NumbersOf<T>;
  readonly numbersOfStep: (step: TermStep<T>, evaluate: Evaluate) => NumberStep<T>;
  /** Executes the step. @returns why it is no counterexample; undefined if the code does it */
  readonly refusalOf: (step: NumberStep<T>) => string | undefined;
}

/** Options of a proof by formulas. */
export interface FormulaOptions extends PanelOptions {
  /** Called with each query before it is asked. */
  readonly onQuery?: (query: QueryText) => void;
}

/**
 * Proves one form of the invariant.
 *
 * @throws NotExecutable when the code cannot be executed with symbols
 */
export async function proveByFormulas<T extends Topic>(
  subject: SymbolicSubject<T>,
  invariant: Invariant<T>,
  options: FormulaOptions,
): Promise<FormulaResult> {
  const started = performance.now();
  const functions = subject.terms();
  const executions = agreeingCalls(subject.agreement(functions));
  const panel = new Panel(options);
  const proof = new Proof(subject, functions, panel, options.onQuery);
  const { theory } = subject;
  const expected = [...subject.possibilities(functions, invariant), ...necessities(theory, functions, invariant)];
  const satisfiable = async (kinds: readonly Query["kind"][]): Promise<Satisfiable> => {
    const queries = expected.filter(({ kind }) => kinds.includes(kind));
    const are = await Promise.all(queries.map((query) => proof.isPossible(query)));
    const not = queries.filter((_, i) => are[i] !== true).map(({ id }) => `${id.from}: ${id.to}`);
    return { count: queries.length - not.length, not };
  };
  const [results, possible, shown] = await Promise.all([
    Promise.all(obligations(theory, functions, invariant).map((query) => proof.obligation(query))),
    satisfiable(["possible"]),
    satisfiable(["witness", "needed"]),
  ]);
  return {
    solvers: panel.results,
    queries: panel.queries,
    bytes: panel.bytes,
    obligations: results,
    possible: possible.count,
    notPossible: possible.not,
    shown: shown.count,
    notShown: shown.not,
    executions,
    executionSeconds: functions.milliseconds / 1000,
    seconds: (performance.now() - started) / 1000,
  };
}

/** Number of satisfiable queries, and the names of unsatisfiable queries and of those without an answer. */
interface Satisfiable {
  readonly count: number;
  readonly not: readonly string[];
}

/** @throws NotExecutable where the formulas are not those of the code */
function agreeingCalls(compared: Agreement): number {
  if (compared.kind === "differs") {
    throw new NotExecutable(`effects that its formulas do not have: ${compared.text}`);
  }
  return compared.calls;
}

/** Why a counterexample is none. */
export const NOT_EXECUTED = "the code, executed, does not do what the formula says";

/** Bounds under which a counterexample is looked for again, so that it is small: the first that has one is taken. */
const SMALL: readonly { readonly pages: number; readonly mappings: number }[] = [
  { pages: 2, mappings: 4 },
  { pages: 4, mappings: 8 },
  { pages: 4, mappings: 40_000 },
  { pages: 4, mappings: MAPPINGS_MAX },
  { pages: 2 ** 15, mappings: 100_000 },
];

class Proof<T extends Topic> {
  readonly #subject: SymbolicSubject<T>;
  readonly #functions: TermFunctions<T>;
  readonly #panel: Panel;
  readonly #onQuery: FormulaOptions["onQuery"];

  constructor(
    subject: SymbolicSubject<T>,
    functions: TermFunctions<T>,
    panel: Panel,
    onQuery: FormulaOptions["onQuery"],
  ) {
    this.#subject = subject;
    this.#functions = functions;
    this.#panel = panel;
    this.#onQuery = onQuery;
  }

  async obligation(query: Query): Promise<ObligationResult> {
    const { id, sentence } = query;
    const from = id.from as ObligationResult["from"];
    const rough = await this.#ask(query, []);
    const answer = rough.kind === "unsat" || query.sum === TRUE ? rough : await this.#ask(query, [query.sum]);
    switch (answer.kind) {
      case "unsat":
        return { from, to: id.to, sentence, verdict: "proved" };
      case "unknown":
        return { from, to: id.to, sentence, verdict: "unknown", why: answer.why };
      case "sat": {
        const values = await this.#smallest(query, answer.values);
        return this.#refuted({ from, to: id.to, sentence }, query, values);
      }
    }
  }

  async isPossible(query: Query): Promise<boolean> {
    return (await this.#ask(query, [query.sum])).kind === "sat";
  }

  async #ask({ kind, id, sentence, conditions, sum }: Query, more: readonly Term[]): Promise<Answer> {
    const all = [...conditions, ...more];
    if (and(...all) === FALSE) {
      return { kind: "unsat" };
    }
    const name = `${id.from}: ${id.to}`;
    const isRough = more.length === 0 && sum !== TRUE;
    const expected = kind !== "obligation" ? "sat" : isRough ? "unsat, or it is asked again with the sum" : "unsat";
    const comments = [name, sentence, `expected: ${expected}`];
    const text = smtQuery(comments, all, kind === "obligation" ? symbolsIn(all) : []);
    this.#onQuery?.({ name, text });
    return this.#panel.ask(text);
  }

  /** The values of a counterexample that is as small as bounds make it. */
  async #smallest(query: Query, values: Values): Promise<Values> {
    const { nrPages, before } = this.#functions;
    for (const { pages, mappings } of SMALL) {
      const answer = await this.#ask(query, [
        query.sum,
        TERMS.atMost(nrPages, TERMS.constant(pages)),
        TERMS.atMost(before.mappings, TERMS.constant(mappings)),
      ]);
      if (answer.kind === "sat") {
        return answer.values;
      }
    }
    return values;
  }

  /** A counterexample in numbers. It counts if the code, executed on them, does what the formula says. */
  #refuted(id: Pick<ObligationResult, "from" | "to" | "sentence">, query: Query, values: Values): ObligationResult {
    const evaluate = evaluator((name) => values.get(name) ?? 0n);
    if (![...query.conditions, query.sum].every((condition) => evaluate(condition) === 1n)) {
      return { ...id, verdict: "unknown", why: "the solver's counterexample does not satisfy the formula" };
    }
    const { before, fresh, steps, verdict } = this.#functions;
    switch (id.from) {
      case "fresh folio":
        return { ...id, verdict: "refuted", counterexample: this.#failedState(fresh.state, false, evaluate) };
      case "claim":
        return {
          ...id,
          verdict: "refuted",
          counterexample: this.#failedState(before, evaluate(verdict) === 1n, evaluate),
        };
      default: {
        const step = this.#subject.numbersOfStep(steps[id.from as OperationOf<T>], evaluate);
        const why = this.#subject.refusalOf(step);
        return why === undefined
          ? { ...id, verdict: "refuted", counterexample: failedStep(step) }
          : { ...id, verdict: "unknown", why };
      }
    }
  }

  #failedState(state: TermState<T>, verdict: boolean, evaluate: Evaluate): FailedState {
    const nrPages = numberOf(this.#functions.nrPages, evaluate);
    return { kind: "state", state: this.#subject.numbersOf(state, evaluate), nrPages, verdict };
  }
}

type Values = ReadonlyMap<string, bigint>;

/** The symbols of terms, whose values make a counterexample. */
function symbolsIn(terms: readonly Term[]): readonly Term[] {
  const found = new Set<Term>();
  const left = [...terms];
  for (let term = left.pop(); term !== undefined; term = left.pop()) {
    if (!found.has(term)) {
      found.add(term);
      left.push(...term.args);
    }
  }
  return [...found].filter(({ op }) => op === "var");
}
