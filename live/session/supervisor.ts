/**
 * The agent's supervisor: starts the agent, exchanges requests and answers with it, kills it after a timeout or an
 * invalid answer, and cleans up.
 *
 * Settings of the host are restored by the agent at the end of its input, which also occurs when this process is
 * killed. If the agent itself was killed, this process restores them. Both hold the open file with the lock, so that no
 * other session starts before the restore is complete.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { StopSignal } from "../../files/stop-signal.ts";
import { FrameReader } from "./frame-reader.ts";
import type { Failure, Observation } from "./observation.ts";
import type { Operation } from "./operation.ts";
import {
  type Answer,
  helloRequest,
  lockRequest,
  MAX_OPERATIONS,
  maxAnswerBytes,
  PROTOCOL_VERSION,
  performRequest,
  readAnswer,
  resetRequest,
  type SettingChange,
  settingsRequest,
} from "./protocol.ts";
import { LiveError, type LiveErrorCode, type LiveSession, type SessionBounds } from "./session.ts";
import { changesFor, type HostSettings, restoreSettings } from "./settings.ts";

/** Options of a session. */
export interface SessionOptions {
  /** The agent's program and its arguments. */
  readonly agent: readonly [string, ...string[]];
  readonly bounds: SessionBounds;
  /** Required settings of the host. Without them, nothing is changed or locked. */
  readonly settings?: HostSettings;
  /** Timeout for one answer of the agent, in milliseconds. Default 10,000. */
  readonly answerTimeout?: number;
  /** Timeout for another session that holds the host's settings, in milliseconds. Default 60,000. */
  readonly lockTimeout?: number;
  /** Called repeatedly while another session holds the host's settings. */
  readonly onWait?: () => void;
  /** Aborts this wait. */
  readonly signal?: StopSignal;
}

/** Interval between attempts to take the lock, in milliseconds. */
const LOCK_INTERVAL = 100;
/** Maximum number of stored characters of the agent's stderr. */
const MAX_STDERR = 2000;

/**
 * Starts an agent, and with it a session.
 *
 * @throws LiveError when it cannot be started or set up; everything is cleaned up
 */
export async function openSession(options: SessionOptions): Promise<LiveSession> {
  const session = new AgentSession(options);
  try {
    await session.begin();
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** A request without a complete answer. */
interface Pending {
  /** Accepts an answer. Returns whether it was the last one, and throws if it does not belong to this request. */
  readonly take: (answer: Answer) => boolean;
  readonly reject: (error: LiveError) => void;
}

class AgentSession implements LiveSession {
  readonly bounds: SessionBounds;
  private readonly options: SessionOptions;
  private readonly answerTimeout: number;
  private readonly lockFile: number | undefined;
  private readonly agent: ChildProcess;
  private readonly reader: FrameReader;
  private readonly pending: Pending[] = [];
  private readonly ended: Promise<void>;
  private changes: readonly SettingChange[] = [];
  private stderr = "";
  private timer: NodeJS.Timeout | undefined;
  private failure: LiveError | undefined;
  private closing: Promise<void> | undefined;

  constructor(options: SessionOptions) {
    this.options = options;
    this.bounds = options.bounds;
    this.answerTimeout = options.answerTimeout ?? 10_000;
    this.reader = new FrameReader(maxAnswerBytes(options.bounds));
    this.lockFile = options.settings === undefined ? undefined : openLock(options.settings.lock);
    const [program, ...args] = options.agent;
    // In a new process session: Ctrl-C and a closed terminal signal only this process, which then ends the agent in
    // order.
    this.agent = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe", this.lockFile ?? "ignore"],
      detached: true,
      cwd: "/",
    });
    this.ended = new Promise((resolve) => {
      this.agent.once("error", (error) => {
        this.fail("agent-start", `the agent cannot be started: ${error.message}`);
        if (this.agent.pid === undefined) {
          resolve();
        }
      });
      this.agent.once("close", (code, signal) => {
        this.onEnd(code, signal);
        resolve();
      });
    });
    // When one side ends, writes to it fail. The end itself is reported, not the failed write.
    this.agent.stdin?.on("error", () => {});
    this.agent.stdout?.on("data", (bytes: Buffer) => this.onBytes(bytes));
    this.agent.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr = (this.stderr + text).slice(-MAX_STDERR);
    });
  }

  /** Checks the protocol version of the agent, and applies the required settings. */
  async begin(): Promise<void> {
    await this.request(helloRequest(this.bounds), (answer) => {
      if (answer.kind === "failure") {
        throw new LiveError("agent-setup", `the agent cannot work here: ${answer.message}`);
      }
      if (answer.kind !== "hello") {
        throw unexpectedAnswer(answer, "hello");
      }
      if (answer.version !== PROTOCOL_VERSION) {
        throw new LiveError(
          "agent-answer",
          `the agent uses version ${answer.version} of the protocol; want ${PROTOCOL_VERSION}`,
        );
      }
    });
    const { settings } = this.options;
    if (settings !== undefined) {
      await this.lock();
      this.changes = changesFor(settings.required);
      await this.request(settingsRequest(this.changes), (answer) => {
        if (answer.kind === "failure") {
          throw new LiveError("settings", `a setting cannot be changed: ${answer.message}`);
        }
        if (answer.kind !== "settings") {
          throw unexpectedAnswer(answer, "settings");
        }
      });
    }
  }

  private async lock(): Promise<void> {
    const timeout = this.options.lockTimeout ?? 60_000;
    const deadline = performance.now() + timeout;
    let isLocked = false;
    for (;;) {
      await this.request(lockRequest(), (answer) => {
        if (answer.kind === "failure") {
          throw new LiveError("settings", `the host's settings cannot be locked: ${answer.message}`);
        }
        if (answer.kind !== "lock") {
          throw unexpectedAnswer(answer, "lock");
        }
        isLocked = answer.locked;
      });
      if (isLocked) {
        return;
      }
      if (performance.now() > deadline) {
        throw new LiveError(
          "settings-busy",
          `another foliocheck has changed this host's settings, and did not end within ${timeout / 1000} s`,
        );
      }
      this.options.onWait?.();
      await sleep(LOCK_INTERVAL);
      if (this.options.signal?.aborted === true) {
        throw new LiveError("settings-busy", "interrupted while another foliocheck had this host's settings");
      }
    }
  }

  perform(operations: readonly Operation[]): Promise<readonly (Observation | Failure)[]> {
    if (operations.length > MAX_OPERATIONS) {
      return Promise.reject(new RangeError(`${operations.length} operations at once; want at most ${MAX_OPERATIONS}`));
    }
    if (operations.length === 0) {
      return Promise.resolve([]);
    }
    const results: (Observation | Failure)[] = [];
    return this.send(
      performRequest(operations),
      (answer) => {
        if (answer.kind !== "observation" && answer.kind !== "failure") {
          throw unexpectedAnswer(answer, "operations");
        }
        results.push(answer);
        return answer.kind === "failure" || results.length === operations.length;
      },
      () => results,
    );
  }

  reset(): Promise<void> {
    return this.request(resetRequest(), (answer) => {
      if (answer.kind === "failure") {
        throw new LiveError("agent-setup", `the agent cannot reset its state: ${answer.message}`);
      }
      if (answer.kind !== "reset") {
        throw unexpectedAnswer(answer, "reset");
      }
    });
  }

  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.reject(new LiveError("closed", "the session was closed"));
    this.agent.stdin?.end();
    const killTimer = setTimeout(() => this.agent.kill("SIGKILL"), this.answerTimeout);
    await this.ended;
    clearTimeout(killTimer);
  }

  /** Sends a request that has a single answer. */
  private request(request: Buffer, take: (answer: Answer) => void): Promise<void> {
    return this.send(
      request,
      (answer) => {
        take(answer);
        return true;
      },
      () => {},
    );
  }

  private send<T>(request: Buffer, take: (answer: Answer) => boolean, result: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined || this.closing !== undefined) {
        reject(this.failure ?? new LiveError("closed", "the session was closed"));
        return;
      }
      this.pending.push({
        take: (answer) => {
          const isLast = take(answer);
          if (isLast) {
            resolve(result());
          }
          return isLast;
        },
        reject,
      });
      this.agent.stdin?.write(request);
      if (this.pending.length === 1) {
        this.restartTimeout();
      }
    });
  }

  private onBytes(bytes: Buffer): void {
    if (this.failure !== undefined || this.closing !== undefined) {
      return;
    }
    try {
      this.reader.push(bytes, (words) => this.onAnswer(readAnswer(words, this.bounds)));
    } catch (error) {
      if (error instanceof LiveError) {
        this.fail(error.code, error.message);
      } else {
        this.fail("agent-answer", `the agent sent an invalid answer: ${(error as Error).message}`);
      }
    }
    this.restartTimeout();
  }

  private onAnswer(answer: Answer): void {
    const [request] = this.pending;
    if (request === undefined) {
      throw unexpectedAnswer(answer, "nothing");
    }
    if (request.take(answer)) {
      this.pending.shift();
    }
  }

  /** Restarts the timeout for the next answer, if one is pending. */
  private restartTimeout(): void {
    clearTimeout(this.timer);
    if (this.pending.length > 0) {
      this.timer = setTimeout(() => {
        const seconds = this.answerTimeout / 1000;
        this.fail("agent-silent", `the agent did not answer within ${seconds} s`);
      }, this.answerTimeout);
    }
  }

  private fail(code: LiveErrorCode, message: string): void {
    this.failure ??= new LiveError(code, message);
    this.reject(this.failure);
    this.agent.kill("SIGKILL");
  }

  private reject(error: LiveError): void {
    clearTimeout(this.timer);
    for (const { reject } of this.pending.splice(0)) {
      reject(error);
    }
  }

  private onEnd(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.closing === undefined) {
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      const middle = this.reader.isInsideFrame ? " in the middle of an answer" : "";
      const messages = this.stderr.trim() === "" ? "" : `: ${this.stderr.trim().replaceAll("\n", "; ")}`;
      this.fail("agent-died", `the agent ended ${how}${middle}${messages}`);
    }
    try {
      if (code !== 0) {
        restoreSettings(this.changes);
      }
    } catch (error) {
      this.failure = error as LiveError;
    }
    if (this.lockFile !== undefined) {
      closeSync(this.lockFile);
    }
  }
}

function openLock(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw new LiveError("settings", `${path} cannot be opened: ${(error as Error).message}`);
  }
}

function unexpectedAnswer({ kind }: Answer, request: string): LiveError {
  return new LiveError("agent-answer", `the agent answers ${kind} to ${request}`);
}
