/** The supervisor with correct and with faulty agents. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Failure, Observation } from "../../../live/session/observation.ts";
import type { Operation } from "../../../live/session/operation.ts";
import { LiveError, type LiveSession, type SessionBounds } from "../../../live/session/session.ts";
import type { HostSettings } from "../../../live/session/settings.ts";
import { openSession, type SessionOptions } from "../../../live/session/supervisor.ts";
import { eventually, processesWith } from "../processes.ts";

const fakeAgent = fileURLToPath(new URL("./fake-agent.mjs", import.meta.url));
const BOUNDS: SessionBounds = { mms: 2, pages: 4, anon: 1, file: 0, holders: 1 };
const START: readonly Operation[] = [
  { kind: "newMm", mm: 0 },
  { kind: "fault", mm: 0, first: 0, pages: 4, value: 7 },
];

let folder: string;
let settings: HostSettings;
const marker = `fake-${process.pid}`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "foliocheck-live-"));
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  settings = {
    lock: folder,
    required: [
      { path: write("size", "always inherit madvise [never]\n"), oneOf: ["madvise", "always"] },
      { path: write("other", "0\n"), oneOf: ["1"] },
      { path: write("right", "[always] never\n"), oneOf: ["madvise", "always"] },
    ],
  };
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  expect(await eventually(() => processesWith(marker).length === 0)).toBe(true);
});

const setting = (name: string): string => readFileSync(join(folder, name), "utf8").trim();

/**
 * Opens a session with the fake agent.
 *
 * @param fault the injected fault, and the number of the observation
 */
function open(fault: readonly string[] = [], more: Partial<SessionOptions> = {}): Promise<LiveSession> {
  const [kind = "none", nth = "1"] = fault;
  return openSession({
    agent: [process.execPath, fakeAgent, kind, nth, marker],
    bounds: BOUNDS,
    answerTimeout: 20_000,
    ...more,
  });
}

/** Returns the error of a rejected promise. */
async function rejection(promise: Promise<unknown>): Promise<LiveError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LiveError);
  return error as LiveError;
}

function contentsOf(answer: Observation | Failure | undefined, mm: number): (number | null)[] | undefined {
  return answer?.kind === "observation" ? answer.mms[mm]?.vmas[0]?.entries.map(({ content }) => content) : undefined;
}

describe("a session", () => {
  test("a session returns an observation after each operation", async () => {
    const session = await open();
    const answers = await session.perform([
      ...START,
      { kind: "fork", parent: 0, child: 1 },
      { kind: "write", mm: 1, entry: 2, value: 9 },
      { kind: "get", mm: 0, entry: 2, holder: 0 },
    ]);
    await session.close();
    expect(answers.map((answer) => contentsOf(answer, 0))).toEqual([
      [null, null, null, null],
      ...Array(4).fill([7, 7, 7, 7]),
    ]);
    expect(answers.map((answer) => contentsOf(answer, 1))).toEqual([
      undefined,
      undefined,
      [7, 7, 7, 7],
      [7, 7, 9, 7],
      [7, 7, 9, 7],
    ]);
    expect(answers.at(-1)).toMatchObject({
      holders: [7],
      mms: [
        { vmas: [{ smaps: { rss: 16384, pss: 10240, private: 4096, vmas: 1 } }] },
        { vmas: [{ entries: [{ mapcount: 2, exclusive: false }, {}, { mapcount: 1, exclusive: true }, {}] }] },
      ],
    });
  });

  test("a session serves overlapping calls in order", async () => {
    const session = await open();
    const answers = await Promise.all([
      session.perform(START),
      session.perform([{ kind: "write", mm: 0, entry: 0, value: 1 }]),
      session.reset(),
      session.perform(START),
      session.perform([]),
    ]);
    await session.close();
    expect(contentsOf(answers[1][0], 0)).toEqual([1, 7, 7, 7]);
    expect(contentsOf(answers[3][1], 0)).toEqual([7, 7, 7, 7]);
    expect(answers[4]).toEqual([]);
  });

  test("a session assembles frames from arbitrary pieces", async () => {
    const session = await open(["one-byte-at-a-time", "2"]);
    const answers = await session.perform(START);
    await session.close();
    expect(contentsOf(answers[1], 0)).toEqual([7, 7, 7, 7]);
  });

  test("a session ends a batch at the first failure, and continues with the next batch", async () => {
    const session = await open(["failure", "2"]);
    expect(await session.perform([...START, ...START])).toEqual([
      expect.objectContaining({ kind: "observation" }),
      { kind: "failure", message: "mm 0: madvise: Cannot allocate memory" },
    ]);
    await session.reset();
    expect(await session.perform(START)).toHaveLength(2);
    await session.close();
  });

  test("a session rejects more operations than fit into a request", async () => {
    const session = await open();
    const many: Operation[] = Array(60_000).fill(START[0]);
    await expect(session.perform(many)).rejects.toThrow(/60000 operations at once; want at most 52428/);
    await session.close();
  });

  test("a closed session rejects calls", async () => {
    const session = await open();
    const [late] = await Promise.all([rejection(session.perform(START)), session.close(), session.close()]);
    expect(late.code).toBe("closed");
    expect((await rejection(session.reset())).code).toBe("closed");
  });
});

describe("an agent that", () => {
  test.each([
    ["death", "agent-died", "the agent ended with exit code 7"],
    ["truncated-answer-and-death", "agent-died", "the agent ended with exit code 0 in the middle of an answer"],
    [
      "length-too-long",
      "agent-answer",
      /invalid answer: an answer has a length of 2147483648 bytes; want 4 … \d+, in whole words$/,
    ],
    ["length-not-in-words", "agent-answer", /invalid answer: an answer has a length of \d+ bytes/],
    ["length-zero", "agent-answer", /invalid answer: an answer has a length of 0 bytes/],
    ["one-word-short", "agent-answer", /invalid answer: an answer to observation has \d+ bytes; want \d+$/],
    ["one-word-long", "agent-answer", /invalid answer: an answer/],
    ["flag-of-two", "agent-answer", "the agent sent an invalid answer: an answer has 2 where 0 or 1 must be"],
    ["unknown-answer", "agent-answer", "the agent sent an invalid answer: unknown kind of answer: 99"],
    ["answer-to-something-else", "agent-answer", "the agent answers reset to operations"],
    [
      "text-longer-than-its-frame",
      "agent-answer",
      /invalid answer: a text of 1000 bytes does not fit its answer of 12$/,
    ],
  ])("the session fails after the injected fault %s", async (fault, code, message) => {
    const session = await open([fault, "2"]);
    const waiting = session.reset();
    const error = await rejection(session.perform(START));
    await waiting;
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await rejection(session.perform(START))).toBe(error);
    await session.close();
  });

  test.each(["silence", "truncated-answer"])(
    "the session fails after a timeout if the agent injects %s",
    async (fault) => {
      const session = await open([fault, "2"], { answerTimeout: 1500 });
      expect(await rejection(session.perform(START))).toMatchObject({
        code: "agent-silent",
        message: "the agent did not answer within 1.5 s",
      });
      await session.close();
    },
  );

  test("the session fails if the agent answers twice", async () => {
    const session = await open(["answer-twice", "2"]);
    await session.perform(START);
    const error = await rejection(session.perform([...START, ...START]).then(() => session.reset()));
    expect(error.code).toBe("agent-answer");
    await session.close();
  });

  test("all pending calls are rejected if the agent dies", async () => {
    const session = await open(["death", "2"]);
    const errors = await Promise.all([session.perform(START), session.perform(START), session.reset()].map(rejection));
    expect(new Set(errors).size).toBe(1);
    await session.close();
  });

  test.each([
    ["wrong-version", "agent-answer", "the agent uses version 3 of the protocol; want 2"],
    ["refuses", "agent-setup", "the agent cannot work here: /proc/kpagecount: Permission denied"],
    ["complains", "agent-died", "the agent ended with exit code 1: something is wrong; very wrong"],
  ])("no session is opened if the agent injects %s", async (fault, code, message) => {
    expect(await rejection(open([fault]))).toMatchObject({ code, message });
  });

  test("no session is opened if the agent cannot be started", async () => {
    const error = await rejection(openSession({ agent: [join(folder, "none")], bounds: BOUNDS, settings }));
    expect(error).toMatchObject({ code: "agent-start", message: expect.stringContaining("ENOENT") });
  });
});

describe("settings of the host", () => {
  /** Opens a session that changes settings. */
  const openWith = (fault: string, nth: string = "1"): Promise<LiveSession> => open([fault, nth], { settings });
  const asTheyWere = { size: "never", other: "0", right: "[always] never" };
  const now = (): object => ({ size: setting("size"), other: setting("other"), right: setting("right") });

  test("settings that must change are changed, and restored", async () => {
    const session = await openWith("none");
    expect(now()).toEqual({ size: "madvise", other: "1", right: "[always] never" });
    await session.close();
    expect(now()).toEqual(asTheyWere);
  });

  test.each(["fails-at-the-end", "death"])("settings are restored when the agent injects %s", async (fault) => {
    const session = await openWith(fault);
    expect(setting("size")).toBe("madvise");
    await Promise.allSettled([session.perform(START)]);
    await session.close();
    expect(now()).toEqual(asTheyWere);
  });

  test("settings are restored when the agent does not end", async () => {
    const session = await open(["deaf-to-the-end"], { settings, answerTimeout: 2000 });
    await session.close();
    expect(now()).toEqual(asTheyWere);
  });

  test("settings are restored when the agent is killed", async () => {
    const session = await openWith("none");
    for (const { id } of processesWith(marker)) {
      process.kill(id, "SIGKILL");
    }
    expect(await eventually(() => setting("size") === "never")).toBe(true);
    expect(await rejection(session.perform(START))).toMatchObject({
      code: "agent-died",
      message: "the agent ended by SIGKILL",
    });
    await session.close();
    expect(now()).toEqual(asTheyWere);
  });

  test("no session is opened if a setting cannot be changed", async () => {
    expect(await rejection(openWith("cannot-set"))).toMatchObject({
      code: "settings",
      message: "a setting cannot be changed: /sys/some/setting: Permission denied",
    });
    expect(now()).toEqual(asTheyWere);
  });

  test("no session is opened if a setting cannot be read", async () => {
    rmSync(join(folder, "other"));
    expect((await rejection(openWith("none"))).code).toBe("settings");
  });

  test("waits for a session that holds the settings until a timeout", async () => {
    const error = await rejection(open(["busy"], { settings, lockTimeout: 300 }));
    expect(error).toMatchObject({
      code: "settings-busy",
      message: "another foliocheck has changed this host's settings, and did not end within 0.3 s",
    });
    expect(setting("size")).toBe("always inherit madvise [never]");
  });

  test("stops waiting for a session that holds the settings when the user interrupts", async () => {
    const abort = new AbortController();
    const error = await rejection(open(["busy"], { settings, signal: abort.signal, onWait: () => abort.abort() }));
    expect(error).toMatchObject({
      code: "settings-busy",
      message: "interrupted while another foliocheck had this host's settings",
    });
  });
});
