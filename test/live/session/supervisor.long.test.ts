/** The supervisor against agents that do and do not behave. */
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

/** A session with the fake agent. @param lie how it lies, and in which observation */
function open(lie: readonly string[] = [], more: Partial<SessionOptions> = {}): Promise<LiveSession> {
  const [kind = "none", nth = "1"] = lie;
  return openSession({
    agent: [process.execPath, fakeAgent, kind, nth, marker],
    bounds: BOUNDS,
    answerTimeout: 20_000,
    ...more,
  });
}

/** What a promise is rejected with. */
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
  test("observes after every operation", async () => {
    const session = await open();
    const seen = await session.perform([
      ...START,
      { kind: "fork", parent: 0, child: 1 },
      { kind: "write", mm: 1, entry: 2, value: 9 },
      { kind: "get", mm: 0, entry: 2, holder: 0 },
    ]);
    await session.close();
    expect(seen.map((answer) => contentsOf(answer, 0))).toEqual([
      [null, null, null, null],
      ...Array(4).fill([7, 7, 7, 7]),
    ]);
    expect(seen.map((answer) => contentsOf(answer, 1))).toEqual([
      undefined,
      undefined,
      [7, 7, 7, 7],
      [7, 7, 9, 7],
      [7, 7, 9, 7],
    ]);
    expect(seen.at(-1)).toMatchObject({
      holders: [7],
      mms: [
        { vmas: [{ smaps: { rss: 16384, pss: 10240, private: 4096, vmas: 1 } }] },
        { vmas: [{ entries: [{ mapcount: 2, exclusive: false }, {}, { mapcount: 1, exclusive: true }, {}] }] },
      ],
    });
  });

  test("serves calls in order, without being waited for", async () => {
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

  test("puts frames together from whatever pieces come", async () => {
    const session = await open(["one-byte-at-a-time", "2"]);
    const seen = await session.perform(START);
    await session.close();
    expect(contentsOf(seen[1], 0)).toEqual([7, 7, 7, 7]);
  });

  test("ends a batch with the first failure, and goes on with the next", async () => {
    const session = await open(["failure", "2"]);
    expect(await session.perform([...START, ...START])).toEqual([
      expect.objectContaining({ kind: "observation" }),
      { kind: "failure", message: "mm 0: madvise: Cannot allocate memory" },
    ]);
    await session.reset();
    expect(await session.perform(START)).toHaveLength(2);
    await session.close();
  });

  test("takes no more operations at once than a request holds", async () => {
    const session = await open();
    const many: Operation[] = Array(60_000).fill(START[0]);
    await expect(session.perform(many)).rejects.toThrow(/60000 operations at once; want at most 52428/);
    await session.close();
  });

  test("that is closed takes no calls", async () => {
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
  ])("lies by %s breaks the session", async (lie, code, message) => {
    const session = await open([lie, "2"]);
    const waiting = session.reset();
    const error = await rejection(session.perform(START));
    await waiting;
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await rejection(session.perform(START))).toBe(error);
    await session.close();
  });

  test.each(["silence", "truncated-answer"])("lies by %s is given up", async (lie) => {
    const session = await open([lie, "2"], { answerTimeout: 1500 });
    expect(await rejection(session.perform(START))).toMatchObject({
      code: "agent-silent",
      message: "the agent did not answer within 1.5 s",
    });
    await session.close();
  });

  test("answers twice breaks the session", async () => {
    const session = await open(["answer-twice", "2"]);
    await session.perform(START);
    const error = await rejection(session.perform([...START, ...START]).then(() => session.reset()));
    expect(error.code).toBe("agent-answer");
    await session.close();
  });

  test("rejects every call that waits when it dies", async () => {
    const session = await open(["death", "2"]);
    const errors = await Promise.all([session.perform(START), session.perform(START), session.reset()].map(rejection));
    expect(new Set(errors).size).toBe(1);
    await session.close();
  });

  test.each([
    ["wrong-version", "agent-answer", "the agent uses version 3 of the protocol; want 2"],
    ["refuses", "agent-setup", "the agent cannot work here: /proc/kpagecount: Permission denied"],
    ["complains", "agent-died", "the agent ended with exit code 1: something is wrong; very wrong"],
  ])("%s gives no session", async (lie, code, message) => {
    expect(await rejection(open([lie]))).toMatchObject({ code, message });
  });

  test("cannot be started gives no session", async () => {
    const error = await rejection(openSession({ agent: [join(folder, "none")], bounds: BOUNDS, settings }));
    expect(error).toMatchObject({ code: "agent-start", message: expect.stringContaining("ENOENT") });
  });
});

describe("settings of the host", () => {
  /** A session that changes settings. */
  const openWith = (lie: string, nth: string = "1"): Promise<LiveSession> => open([lie, nth], { settings });
  const asTheyWere = { size: "never", other: "0", right: "[always] never" };
  const now = (): object => ({ size: setting("size"), other: setting("other"), right: setting("right") });

  test("are changed where they must be, and put back", async () => {
    const session = await openWith("none");
    expect(now()).toEqual({ size: "madvise", other: "1", right: "[always] never" });
    await session.close();
    expect(now()).toEqual(asTheyWere);
  });

  test.each(["fails-at-the-end", "death"])("are put back when the agent lies by %s", async (lie) => {
    const session = await openWith(lie);
    expect(setting("size")).toBe("madvise");
    await Promise.allSettled([session.perform(START)]);
    await session.close();
    expect(now()).toEqual(asTheyWere);
  });

  test("are put back when the agent does not end", async () => {
    const session = await open(["deaf-to-the-end"], { settings, answerTimeout: 2000 });
    await session.close();
    expect(now()).toEqual(asTheyWere);
  });

  test("are put back when the agent is killed", async () => {
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

  test("that cannot be changed give no session", async () => {
    expect(await rejection(openWith("cannot-set"))).toMatchObject({
      code: "settings",
      message: "a setting cannot be changed: /sys/some/setting: Permission denied",
    });
    expect(now()).toEqual(asTheyWere);
  });

  test("that cannot be read give no session", async () => {
    rmSync(join(folder, "other"));
    expect((await rejection(openWith("none"))).code).toBe("settings");
  });

  test("that another session holds are waited for, and not for ever", async () => {
    const error = await rejection(open(["busy"], { settings, lockTimeout: 300 }));
    expect(error).toMatchObject({
      code: "settings-busy",
      message: "another foliocheck has changed this host's settings, and did not end within 0.3 s",
    });
    expect(setting("size")).toBe("always inherit madvise [never]");
  });

  test("that another session holds are not waited for any longer when the user does not want to", async () => {
    const abort = new AbortController();
    const error = await rejection(open(["busy"], { settings, signal: abort.signal, onWait: () => abort.abort() }));
    expect(error).toMatchObject({
      code: "settings-busy",
      message: "interrupted while another foliocheck had this host's settings",
    });
  });
});
