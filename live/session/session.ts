/** Interface of a session with a running kernel, or with a simulation of one. */
import type { Failure, Observation } from "./observation.ts";
import type { Operation } from "./operation.ts";

/** Sizes of a session, as the bounds of the model's scopes. */
export interface SessionBounds {
  /** Maximum number of MMs, 1 … 8. */
  readonly mms: number;
  /** Entries of each VMA, 1 … 64, and pages of the file. */
  readonly pages: number;
  /** Number of anonymous VMAs of an MM: 0 or 1. */
  readonly anon: number;
  /** Number of VMAs of an MM that map the file, 0 … 3. */
  readonly file: number;
  /** Maximum number of holders of references, 0 … 8. */
  readonly holders: number;
  /** Pages of an entry, 1 … 64, by default 1. Operations act on all of them, and an observation summarises them. */
  readonly run?: number;
  /** Entries of the anonymous VMA that are initially mapped; by default all. */
  readonly mapped?: number;
}

/**
 * A session. Calls may overlap: requests are served in order.
 *
 * After a failure of the session (the agent died, exceeded a timeout, or sent an invalid answer), each call rejects
 * with a LiveError.
 */
export interface LiveSession {
  readonly bounds: SessionBounds;
  /**
   * Performs operations in order, with an observation after each, in one round trip.
   *
   * @returns one observation for each operation; a failure is the last result
   */
  perform(operations: readonly Operation[]): Promise<readonly (Observation | Failure)[]>;
  /** Ends all MMs, and drops references and the file's contents. The next operation starts from the initial state. */
  reset(): Promise<void>;
  /** Ends the session and restores the host's settings. Does not reject if the session has already failed. */
  close(): Promise<void>;
}

/** Reason why a session failed. */
export type LiveErrorCode =
  /** The agent could not be started. */
  | "agent-start"
  /** The agent ended early. */
  | "agent-died"
  /** The agent did not answer in time. */
  | "agent-silent"
  /** The agent sent an invalid answer. */
  | "agent-answer"
  /** The agent could not set up a resource of the session, such as the file or a setting. */
  | "agent-setup"
  /** Another session holds the lock on the host's settings. */
  | "settings-busy"
  /** A setting could not be changed or restored. */
  | "settings"
  /** The session was closed before the call. */
  | "closed";

/** A failed session. The message is one line with the reason. */
export class LiveError extends Error {
  readonly code: LiveErrorCode;
  constructor(code: LiveErrorCode, message: string) {
    super(message);
    this.name = "LiveError";
    this.code = code;
  }
}
