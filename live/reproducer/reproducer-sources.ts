/** C sources of reproducers, from files. */
import { readFileSync } from "node:fs";
import { agentSource } from "../session/agent-binary.ts";
import type { ReproducerSources } from "./reproducer-program.ts";

const MAIN = new URL("./main.c", import.meta.url);

/** Reads the sources. */
export function reproducerSources(): ReproducerSources {
  return { agent: agentSource(), main: readFileSync(MAIN, "utf8") };
}
