/** A session with the running kernel. */
import { DEFAULT_CONFIG, type KernelConfig, parseConfig } from "../../model/kernel/config.ts";
import { agentBinary, CompileError } from "./agent-binary.ts";
import { type Host, inspectHost, type Obstacle } from "./host.ts";
import type { Operation } from "./operation.ts";
import { LiveError, type LiveSession, type SessionBounds } from "./session.ts";
import { openSession, type SessionOptions } from "./supervisor.ts";

/** The host does not meet the requirements of a session. The message has one line for each reason. */
export class CannotRunHere extends Error {
  readonly obstacles: readonly Obstacle[];
  constructor(obstacles: readonly Obstacle[]) {
    super(obstacles.map(({ message }) => message).join("\n"));
    this.name = "CannotRunHere";
    this.obstacles = obstacles;
  }
}

/** A host that meets the requirements of a session. */
export interface HostAccess {
  readonly host: Host;
  /** Path of the agent's program. */
  readonly agent: string;
}

/**
 * Checks the requirements of sessions within bounds, and compiles the agent if needed.
 *
 * @throws CannotRunHere
 */
export function prepareHost(bounds: SessionBounds): HostAccess {
  const inspection = inspectHost(bounds);
  if (inspection.kind === "unable") {
    throw new CannotRunHere(inspection.obstacles);
  }
  try {
    return { host: inspection.host, agent: agentBinary() };
  } catch (error) {
    if (error instanceof CompileError) {
      throw new CannotRunHere([{ code: error.code, message: error.message }]);
    }
    throw error;
  }
}

/**
 * Opens a session on the host.
 *
 * @throws LiveError
 */
export function openHostSession(
  { host, agent }: HostAccess,
  bounds: SessionBounds,
  options: Omit<SessionOptions, "agent" | "bounds" | "settings"> = {},
): Promise<LiveSession> {
  return openSession({ agent: [agent], bounds, settings: host.settings, ...options });
}

/**
 * Returns the configuration of the running kernel, in the form of the model.
 *
 * @throws CannotRunHere, LiveError
 */
export async function hostConfig({ host, agent }: HostAccess): Promise<KernelConfig> {
  const words = [
    (host.pageMapcount ?? (await probePageMapcount(agent))) ? "page-mapcount" : "no-page-mapcount",
    host.is64Bit ? "64bit" : "32bit",
    host.mmId ? "mm-id" : "no-mm-id",
  ];
  return parseConfig(words.join(","), DEFAULT_CONFIG);
}

/**
 * Whether the kernel counts the mappings of each page of a large folio. The folio of the probe is mapped by two MMs, by
 * one of them only in part: the mapcounts are 1, 1, 2, 2 if it does, and 2 for each page, the average, if not.
 */
export async function probePageMapcount(agent: string): Promise<boolean> {
  const bounds: SessionBounds = { mms: 2, pages: 4, anon: 1, file: 0, holders: 0 };
  const inspection = inspectHost(bounds);
  if (inspection.kind === "unable") {
    throw new CannotRunHere(inspection.obstacles);
  }
  const operations: readonly Operation[] = [
    { kind: "newMm", mm: 0 },
    { kind: "fault", mm: 0, first: 0, pages: 4, value: 0 },
    { kind: "fork", parent: 0, child: 1 },
    { kind: "unmap", mm: 1, vma: 0, first: 0, count: 2 },
  ];
  const session = await openHostSession({ host: inspection.host, agent }, bounds);
  try {
    const last = (await session.perform(operations)).at(-1);
    const counts = last?.kind === "observation" ? last.mms[0]?.vmas[0]?.entries.map(({ mapcount }) => mapcount) : [];
    switch (counts?.join()) {
      case "1,1,2,2":
        return true;
      case "2,2,2,2":
        return false;
      default:
        throw new LiveError(
          "agent-setup",
          `the kernel's configuration cannot be probed: mapcounts are ${counts?.join()}`,
        );
    }
  } finally {
    await session.close();
  }
}
