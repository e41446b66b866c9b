/** Command `foliocheck verify`. */
import { availableParallelism } from "node:os";
import type { Command } from "commander";
import type { RunReport, SuiteReport } from "../verify/report/report.ts";
import { planSuite, suiteReport } from "../verify/suite.ts";
import { suiteProofs } from "../verify/suite-proofs.ts";
import { provenanceOf } from "./provenance.ts";
import { addSearchOptions, budgetOf, type SearchOptionValues, workerCount } from "./search-options.ts";
import { runAndReport } from "./session.ts";

interface VerifyOptions extends SearchOptionValues {
  readonly profile: string;
  readonly only?: string;
  readonly variant?: string;
  readonly workers: number;
}

/** Adds the command. @param exit called with the exit code */
export function addVerifyCommand(program: Command, exit: (code: number) => void): void {
  const command = program
    .command("verify")
    .summary("run the verification suite")
    .description("Explores every machine of a profile and checks every claim on it.")
    .option("--profile <name>", "quick, ci or deep", "quick")
    .option("--only <claim|machine>", "check one claim, or explore one machine")
    .option("--variant <name>", "check a faulty or changed kernel instead of v7.1")
    .option("--workers <n>", "runs to explore at one time", workerCount, availableParallelism());
  addSearchOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  foliocheck verify                                 every claim at small bounds
  foliocheck verify --profile ci --reporter pretty --reporter junit:results.xml
  foliocheck verify --only C1                       one claim in every machine
  foliocheck verify --variant slot-1-without-shared --trace-out trace.json`,
    )
    .action(async (options: VerifyOptions, self: Command) => {
      const plan = planSuite({
        profile: options.profile,
        budget: budgetOf(options),
        ...(options.only !== undefined && { only: options.only }),
        ...(options.variant !== undefined && { kernel: options.variant }),
      });
      const summarize = (runs: readonly RunReport[], seconds: number): SuiteReport =>
        suiteReport(plan, runs, seconds, suiteProofs(plan.kernel, plan.only));
      exit(await runAndReport(plan.jobs, options, summarize, { provenance: provenanceOf(self) }));
    });
}
