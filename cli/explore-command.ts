/** Command `foliocheck explore`. */
import type { Command } from "commander";
import { formatAddress } from "../playground/address/address.ts";
import { explorationOfTrace } from "../playground/address/of-trace.ts";
import { servePlayground } from "../playground/serve.ts";
import { ExitCode } from "./exit-code.ts";
import { untilInterrupted } from "./interrupts.ts";
import { wholeNumber } from "./search-options.ts";
import { print } from "./standard-output.ts";
import { readTraceFile } from "./trace-input.ts";

interface ExploreOptions {
  readonly port?: number;
}

/** Adds the command. @param exit called with the exit code */
export function addExploreCommand(program: Command, exit: (code: number) => void): void {
  program
    .command("explore")
    .summary("explore by hand, in a browser")
    .description(
      "Serves the playground on 127.0.0.1 until it is interrupted, and prints its address. The model checker runs in\n" +
        "the page: it shows each state, what can happen next and the value of each claim, and finds states. Exits with 0\n" +
        "at Ctrl-C.",
    )
    .argument("[trace]", "a trace file (JSON, not ITF) to open there; - for standard input")
    .option("--port <n>", "listen on this port (default: a free one)", wholeNumber)
    .addHelpText(
      "after",
      `
Examples:
  foliocheck explore
  foliocheck explore trace.json
  foliocheck explore --port 8080     from another host: ssh -L 8080:127.0.0.1:8080 HOST`,
    )
    .action(async (file: string | undefined, { port }: ExploreOptions) => {
      const address = file === undefined ? "" : formatAddress(explorationOfTrace(await readTraceFile(file)));
      const server = await servePlayground(port);
      await untilInterrupted({ onInterrupt: () => {} }, (signal) => {
        print(`${server.url}${address}\n`);
        return new Promise<void>((done) => signal.addEventListener("abort", () => done()));
      });
      await server.close();
      exit(ExitCode.expected);
    });
}
