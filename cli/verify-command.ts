/** Command `foliocheck verify`. */
import { availableParallelism } from "node:os";
import type { Command } from "commander";
import type { Shard } from "../verify/shard/shard.ts";
import { suiteOfParts, suitePart, suitePartResult } from "../verify/shard/suite-part.ts";
import { planSuite } from "../verify/suite.ts";
import { provenanceOf } from "./provenance.ts";
import {
  addSearchOptions,
  addSpillOption,
  budgetOf,
  requireLimitForSpill,
  type SearchOptionValues,
  workerCount,
} from "./search-options.ts";
import { runAndReport } from "./session.ts";
import { addShardOption, SHARD_REPORTERS, type ShardReporterName } from "./shard-option.ts";

interface VerifyOptions extends SearchOptionValues<ShardReporterName> {
  readonly profile: string;
  readonly only?: string;
  readonly variant?: string;
  readonly workers: number;
  readonly shard?: Shard;
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
  addSearchOptions(addSpillOption(addShardOption(command)), SHARD_REPORTERS)
    .addHelpText(
      "after",
      `
Examples:
  foliocheck verify                                 every claim at small bounds
  foliocheck verify --profile ci --reporter pretty --reporter junit:results.xml
  foliocheck verify --profile ci --shard 2/4 --reporter blob:blobs/2.json
  foliocheck verify --only C1                       one claim in every machine
  foliocheck verify --variant slot-1-without-shared --trace-out trace.json`,
    )
    .action(async (options: VerifyOptions, self: Command) => {
      requireLimitForSpill(options);
      const plan = planSuite({
        profile: options.profile,
        budget: budgetOf(options),
        ...(options.only !== undefined && { only: options.only }),
        ...(options.variant !== undefined && { kernel: options.variant }),
      });
      const shard = options.shard ?? { number: 1, count: 1 };
      const part = suitePart(plan, shard);
      const summarize: Parameters<typeof runAndReport>[2] = (runs, seconds) => {
        const content = suitePartResult(plan, part, runs);
        return { report: suiteOfParts([content], seconds, shard), part: { shard, content } };
      };
      exit(await runAndReport(part.jobs, options, summarize, { provenance: provenanceOf(self) }));
    });
}
