/** A conversation with a running kernel, or with something that stands in for one. */
import type { Failure, Observation } from "./observation.ts";
import type { Operation } from "./operation.ts";

/** How much of everything a session has: as the bounds of the model's scopes. */
export interface SessionBounds {
  /** Places for MMs, 1 … 8. */
  readonly mms: number;
  /** Entries of every VMA, 1 … 64: those that an anon VMA and the file have. */
  readonly pages: number;
  /** Anon VMAs of an MM: 0 or 1. */
  readonly anon: number;
  /** VMAs of an MM that map the file, 0 … 3. */
  readonly file: number;
  /** Places for holders of references, 0 … 8. */
  readonly holders: number;
  /** Pages of an entry, 1 … 64: operations treat them alike, and what is seen of them is summed up. 1 when absent. */
  readonly run?: number;
  /** Entries of the anon VMA that are mapped at the start; all when absent. */
  readonly mapped?: number;
}

/**
 * Calls may be made without waiting for earlier ones: they are served in order.
 *
 * Every call rejects with a LiveError once the session is broken: the agent died, was too slow, or answered nonsense.
 */
export interface LiveSession {
  readonly bounds: SessionBounds;
  /**
   * Performs operations in order and observes after each. One round trip for all of them.
   *
   * @returns an observation for each operation; after a failure, which is then the last, nothing
   */
  perform(operations: readonly Operation[]): Promise<readonly (Observation | Failure)[]>;
  /** Ends all MMs, holders and the file's contents: the next operation starts from nothing. */
  reset(): Promise<void>;
  /** Ends the session and puts the host's settings back. Never rejects for a session that is broken already. */
  close(): Promise<void>;
}

/** Why a session broke. */
export type LiveErrorCode =
  /** It could not be started at all. */
  | "agent-start"
  /** It ended before it was told to. */
  | "agent-died"
  /** It did not answer in time. */
  | "agent-silent"
  /** What it sent cannot be an answer. */
  | "agent-answer"
  /** It could not set up what a session needs, such as the file or a setting. */
  | "agent-setup"
  /** Another session holds the host's settings. */
  | "settings-busy"
  /** A setting could not be changed or put back. */
  | "settings"
  /** The session was closed before the call. */
  | "closed";

/** A session that broke. The message is one line and says what happened. */
export class LiveError extends Error {
  readonly code: LiveErrorCode;
  constructor(code: LiveErrorCode, message: string) {
    super(message);
    this.name = "LiveError";
    this.code = code;
  }
}
