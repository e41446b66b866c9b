/** Options about solvers. */
import { Option } from "commander";
import { SOLVERS, type Solver, type SolverName, solverNamed } from "../proof/solver/solver.ts";
import { oneOf, UsageError } from "../verify/request/usage-error.ts";

/** `--solver`. */
export function solverOption(): Option {
  return new Option(
    "--solver <names...>",
    "solvers that must agree (default: z3 and cvc5 as far as they are on the PATH)",
  ).choices(SOLVERS);
}

/** @throws UsageError where one of them is not installed */
export function solversNamed(names: readonly SolverName[]): Solver[] {
  return names.map((name) => {
    const found = solverNamed(name);
    if (found === undefined) {
      throw new UsageError(`there is no ${name} here; want one of ${oneOf(SOLVERS)} that is installed`);
    }
    return found;
  });
}
