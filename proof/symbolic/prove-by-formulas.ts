/** The proof of functions for every size, by formulas. */
import { type FailedState, type FailedStep, FRESH } from "../enumerate.ts";
import type { ExecutedFunctions, FailedAssertion } from "../executed-functions.ts";
import type { Invariant } from "../invariant.ts";
import type { FormulaResult, ObligationResult } from "../proof-result.ts";
import { Panel, type PanelOptions } from "../solver/panel.ts";
import type { Answer } from "../solver/solver.ts";
import { type Agreement, agreement } from "./agreement.ts";
import { NotExecutable } from "./not-executable.ts";
import { type Evaluate, numberOf, numbersOf, storedNumbers } from "./numbers.ts";
import { necessities, obligations, possibilities, type Query } from "./queries.ts";
import { smtQuery } from "./smt-lib.ts";
import { and, evaluator, FALSE, type Term, TRUE } from "./term.ts";
import { TERMS } from "./terms-logic.ts";
import type { TermFunctions, TermStep } from "./tracked-terms.ts";

/** A query as text, for `--smt-out`. */
export interface QueryText {
  readonly name: string;
  readonly text: string;
}

/** Functions that can be executed with symbols, and with numbers. */
export interface SymbolicSubject {
  /** Executes them with symbols. @throws NotExecutable when that cannot be done */
  readonly terms: () => TermFunctions;
  /** Executes counterexamples, to see that they are some. */
  readonly executed: ExecutedFunctions;
  /** The kernel assertion with a number. */
  readonly assertionOf: (site: number) => FailedAssertion | undefined;
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
export async function proveByFormulas(
  subject: SymbolicSubject,
  invariant: Invariant,
  options: FormulaOptions,
): Promise<FormulaResult> {
  const started = performance.now();
  const functions = subject.terms();
  const executions = agreeingCalls(agreement(functions, subject.executed));
  const panel = new Panel(options);
  const proof = new Proof(subject, functions, panel, options.onQuery);
  const expected = [...possibilities(functions, invariant), ...necessities(functions, invariant)];
  const satisfiable = async (kinds: readonly Query["kind"][]): Promise<Satisfiable> => {
    const queries = expected.filter(({ kind }) => kinds.includes(kind));
    const are = await Promise.all(queries.map((query) => proof.isPossible(query)));
    const not = queries.filter((_, i) => are[i] !== true).map(({ id }) => `${id.from}: ${id.to}`);
    return { count: queries.length - not.length, not };
  };
  const [results, possible, shown] = await Promise.all([
    Promise.all(obligations(functions, invariant).map((query) => proof.obligation(query))),
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

/** Bounds under which a counterexample is looked for again, so that it is small: the first that has one is taken. */
const SMALL: readonly { readonly pages: number; readonly mappings: number }[] = [
  { pages: 2, mappings: 4 },
  { pages: 4, mappings: 8 },
  { pages: 4, mappings: 40_000 },
  { pages: 2 ** 15, mappings: 100_000 },
];

class Proof {
  readonly #subject: SymbolicSubject;
  readonly #functions: TermFunctions;
  readonly #panel: Panel;
  readonly #onQuery: FormulaOptions["onQuery"];

  constructor(subject: SymbolicSubject, functions: TermFunctions, panel: Panel, onQuery: FormulaOptions["onQuery"]) {
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
    if (id.from === "fresh folio") {
      return { ...id, verdict: "refuted", counterexample: this.#failedFresh(evaluate) };
    }
    if (id.from === "claim") {
      return { ...id, verdict: "refuted", counterexample: this.#failedState(evaluate) };
    }
    const counterexample = this.#failedStep(this.#functions.steps[id.from], evaluate);
    return this.#isExecuted(counterexample)
      ? { ...id, verdict: "refuted", counterexample }
      : { ...id, verdict: "unknown", why: "the code, executed, does not do what the formula says" };
  }

  #failedFresh(evaluate: Evaluate): FailedState {
    const { fresh, nrPages } = this.#functions;
    const stored = storedNumbers(fresh, evaluate);
    return { kind: "state", state: { ...FRESH, ...stored }, nrPages: numberOf(nrPages, evaluate), verdict: false };
  }

  #failedState(evaluate: Evaluate): FailedState {
    const { before, nrPages, verdict } = this.#functions;
    return {
      kind: "state",
      state: numbersOf(before, evaluate),
      nrPages: numberOf(nrPages, evaluate),
      verdict: evaluate(verdict) === 1n,
    };
  }

  #failedStep({ operation, before, after, diff, nrPages, result, site }: TermStep, evaluate: Evaluate): FailedStep {
    return {
      kind: "step",
      operation,
      diff: numberOf(diff, evaluate),
      nrPages: numberOf(nrPages, evaluate),
      before: numbersOf(before, evaluate),
      after: numbersOf(after, evaluate),
      outcome: {
        result: result && numberOf(result, evaluate),
        warning: this.#subject.assertionOf(Number(evaluate(site))),
      },
    };
  }

  /** Executes the step on numbers. What C code that reads more than owner tracking does may depend on the rest of memory. */
  #isExecuted({ operation, before, after, diff, nrPages, outcome }: FailedStep): boolean {
    const executed = this.#subject.executed.run(operation, before, nrPages, diff, before.mms[2].id);
    const { largeMapcount, slots, shared, locked } = after;
    return (
      JSON.stringify(executed.after) === JSON.stringify({ largeMapcount, slots, shared, locked }) &&
      executed.result === outcome.result &&
      JSON.stringify(executed.warning) === JSON.stringify(outcome.warning)
    );
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
