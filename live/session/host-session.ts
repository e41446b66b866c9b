/** A session with the kernel that this runs on. */
import { DEFAULT_CONFIG, type KernelConfig, parseConfig } from "../../model/kernel/config.ts";
import { agentBinary, CompileError } from "./agent-binary.ts";
import { type Host, inspectHost, type Obstacle } from "./host.ts";
import type { Operation } from "./operation.ts";
import { LiveError, type LiveSession, type SessionBounds } from "./session.ts";
import { openSession, type SessionOptions } from "./supervisor.ts";

/** The machine cannot be driven. The message has one line for each reason. */
export class CannotRunHere extends Error {
  readonly obstacles: readonly Obstacle[];
  constructor(obstacles: readonly Obstacle[]) {
    super(obstacles.map(({ message }) => message).join("\n"));
    this.name = "CannotRunHere";
    this.obstacles = obstacles;
  }
}

/** What a session needs, when it is known that the machine has it. */
export interface HostAccess {
  readonly host: Host;
  /** The agent's program. */
  readonly agent: string;
}

/**
 * Makes sure that sessions within these bounds can be had here, and compiles the agent if need be.
 *
 * @throws CannotRunHere
 */
export function prepareHost(bounds: SessionBounds): HostAccess {
  const found = inspectHost(bounds);
  if (found.kind === "unable") {
    throw new CannotRunHere(found.obstacles);
  }
  try {
    return { host: found.host, agent: agentBinary() };
  } catch (error) {
    if (error instanceof CompileError) {
      throw new CannotRunHere([{ code: error.code, message: error.message }]);
    }
    throw error;
  }
}

/**
 * A session on this machine.
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
 * The configuration of the kernel that runs here, in the model's terms.
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
 * Whether the kernel counts the mappings of each page of a large folio, by what it says about one that two MMs map, one of
 * them only half: 1, 1, 2, 2 if it does, and twice four times if it knows the average only.
 */
export async function probePageMapcount(agent: string): Promise<boolean> {
  const bounds: SessionBounds = { mms: 2, pages: 4, anon: 1, file: 0, holders: 0 };
  const found = inspectHost(bounds);
  if (found.kind === "unable") {
    throw new CannotRunHere(found.obstacles);
  }
  const operations: readonly Operation[] = [
    { kind: "newMm", mm: 0 },
    { kind: "fault", mm: 0, first: 0, pages: 4, value: 0 },
    { kind: "fork", parent: 0, child: 1 },
    { kind: "unmap", mm: 1, vma: 0, first: 0, count: 2 },
  ];
  const session = await openHostSession({ host: found.host, agent }, bounds);
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
