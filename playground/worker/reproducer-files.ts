/** C sources of reproducers, as files beside the worker: they are loaded when the first program is exported. */
import type { ReproducerSources } from "../../live/reproducer/reproducer-program.ts";

/** Names of the files. */
export const REPRODUCER_FILES = { agent: "agent.c", main: "main.c" } as const;

/** Loads the sources. */
export type ReadSources = () => Promise<ReproducerSources>;

/** Loads the sources from the origin of the worker. */
export const fetchSources: ReadSources = async () => {
  const [agent, main] = await Promise.all([textOf(REPRODUCER_FILES.agent), textOf(REPRODUCER_FILES.main)]);
  return { agent, main };
};

async function textOf(file: string): Promise<string> {
  const response = await fetch(file);
  if (!response.ok) {
    throw new Error(`cannot load ${file}: ${response.status}`);
  }
  return response.text();
}
