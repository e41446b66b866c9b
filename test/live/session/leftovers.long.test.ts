/** If any process is killed, no process remains and the host's settings are restored. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SessionBounds } from "../../../live/session/session.ts";
import { type HostSettings, readSetting } from "../../../live/session/settings.ts";
import { openSession, type SessionOptions } from "../../../live/session/supervisor.ts";
// Imported for its check that the build exists.
import "../../built-cli.ts";
import { eventually, processesWith } from "../processes.ts";
import { access, titleWithReason } from "../running-kernel.ts";

const BOUNDS: SessionBounds = { mms: 2, pages: 4, anon: 1, file: 0, holders: 1 };
const marker = `leftovers-${process.pid}`;
const holder = fileURLToPath(new URL("./session-holder.mjs", import.meta.url));
const fakeAgent = fileURLToPath(new URL("./fake-agent.mjs", import.meta.url));

let folder: string;
let settings: HostSettings;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "foliocheck-live-"));
  writeFileSync(join(folder, "setting"), "always [never]");
  // Not the host's own settings: a failing test must not leave those changed.
  settings = { lock: folder, required: [{ path: join(folder, "setting"), oneOf: ["always"] }] };
});

afterEach(() => {
  for (const { id } of processesWith(marker)) {
    process.kill(id, "SIGKILL");
  }
  rmSync(folder, { recursive: true });
});

const setting = (): string => readFileSync(join(folder, "setting"), "utf8");
const nothingIsLeft = (): Promise<boolean> =>
  eventually(() => setting() === "never" && processesWith(marker).length === 0);

/** Starts a process that holds a session with this agent. */
async function startHolder(agent: readonly [string, ...string[]]): Promise<ReturnType<typeof spawn>> {
  const options: SessionOptions = { agent, bounds: BOUNDS, settings };
  const child = spawn(process.execPath, [holder, JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit"] });
  const [output] = (await once(child.stdout, "data")) as [Buffer];
  expect(output.toString()).toBe("ready\n");
  expect(setting()).toBe("always");
  return child;
}

describe("with a fake agent", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const)(
    "nothing is left behind when the command receives %s (fake agent)",
    async (signal) => {
      const child = await startHolder([process.execPath, fakeAgent, "none", "1", marker]);
      expect(processesWith(marker).length).toBeGreaterThan(0);
      child.kill(signal);
      expect(await nothingIsLeft()).toBe(true);
    },
  );
});

describe.skipIf(access.kind === "unable")(titleWithReason("with the agent"), () => {
  const agent = (): readonly [string, ...string[]] => [access.kind === "able" ? access.agent : "", marker];
  /** Returns the root processes of agents, whose children are the processes of MMs. */
  const roots = (parent: number): number[] =>
    processesWith(marker).flatMap((each) => (each.parent === parent ? [each.id] : []));

  test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const)(
    "nothing is left behind when the command receives %s",
    async (signal) => {
      const child = await startHolder(agent());
      // The command, whose options contain the marker; the agent; two MMs.
      expect(processesWith(marker)).toHaveLength(4);
      child.kill(signal);
      expect(await nothingIsLeft()).toBe(true);
    },
  );

  test.each(["SIGTERM", "SIGINT", "SIGKILL"] as const)(
    "nothing is left behind when the agent receives %s",
    async (signal) => {
      const session = await openSession({ agent: agent(), bounds: BOUNDS, settings });
      await session.perform([
        { kind: "newMm", mm: 0 },
        { kind: "fork", parent: 0, child: 1 },
      ]);
      expect(setting()).toBe("always");
      expect(processesWith(marker)).toHaveLength(3);
      for (const id of roots(process.pid)) {
        process.kill(id, signal);
      }
      expect(await nothingIsLeft()).toBe(true);
      await expect(session.reset()).rejects.toMatchObject({ code: "agent-died" });
      await session.close();
    },
  );

  test("the operation of a killed MM fails, and the session continues after a reset", async () => {
    const session = await openSession({ agent: agent(), bounds: BOUNDS, settings });
    await session.perform([{ kind: "newMm", mm: 0 }]);
    const [root] = roots(process.pid);
    for (const id of roots(root ?? 0)) {
      process.kill(id, "SIGKILL");
    }
    const [answer] = await session.perform([{ kind: "fault", mm: 0, first: 0, pages: 1, value: 1 }]);
    expect(answer).toEqual({ kind: "failure", message: "mm 0: killed by signal 9" });
    await session.reset();
    const answers = await session.perform([{ kind: "newMm", mm: 0 }]);
    expect(answers).toMatchObject([{ kind: "observation", mms: [{ vmas: [{ smaps: { rss: 0 } }] }, null] }]);
    await session.close();
    expect(await nothingIsLeft()).toBe(true);
  });

  test("the agent ends although an MM hangs", async () => {
    const child = await startHolder(agent());
    const [root = 0] = roots(child.pid ?? 0);
    const [mm = 0] = roots(root);
    process.kill(mm, "SIGSTOP");
    // The command sends requests every few milliseconds: by now the agent waits for the MM.
    await sleep(300);
    child.kill("SIGKILL");
    expect(await nothingIsLeft()).toBe(true);
  });

  test("an MM that hangs fails the session", async () => {
    const session = await openSession({ agent: agent(), bounds: BOUNDS, settings, answerTimeout: 1000 });
    await session.perform([{ kind: "newMm", mm: 0 }]);
    const [root = 0] = roots(process.pid);
    const [mm = 0] = roots(root);
    process.kill(mm, "SIGSTOP");
    const fault = session.perform([{ kind: "fault", mm: 0, first: 0, pages: 1, value: 1 }]);
    await expect(fault).rejects.toMatchObject({ code: "agent-silent" });
    expect(await nothingIsLeft()).toBe(true);
    await session.close();
  });

  // A size that no session changes: others may run at the same time.
  const unused = "/sys/kernel/mm/transparent_hugepage/hugepages-1024kB/enabled";

  test.skipIf(!existsSync(unused))(
    "a setting in sysfs is changed and restored, even if the agent is killed",
    async () => {
      const before = readSetting(unused);
      const other = before === "never" ? "madvise" : "never";
      const ofSysfs: HostSettings = { lock: folder, required: [{ path: unused, oneOf: [other] }] };
      for (const end of ["close", "kill"]) {
        const session = await openSession({ agent: agent(), bounds: BOUNDS, settings: ofSysfs });
        expect(readSetting(unused)).toBe(other);
        for (const id of end === "kill" ? roots(process.pid) : []) {
          process.kill(id, "SIGKILL");
        }
        await session.close();
        expect(readSetting(unused)).toBe(before);
      }
    },
  );

  test("a second session waits for the first, and starts with the original settings", async () => {
    const first = await openSession({ agent: agent(), bounds: BOUNDS, settings });
    await expect(openSession({ agent: agent(), bounds: BOUNDS, settings, lockTimeout: 200 })).rejects.toMatchObject({
      code: "settings-busy",
    });
    expect(setting()).toBe("always");
    const waiting = openSession({ agent: agent(), bounds: BOUNDS, settings });
    await first.close();
    const second = await waiting;
    expect(setting()).toBe("always");
    await second.close();
    expect(await nothingIsLeft()).toBe(true);
  });

  test("sessions with different locks do not wait for each other", async () => {
    const first = await openSession({ agent: agent(), bounds: BOUNDS, settings });
    const elsewhere: HostSettings = { lock: tmpdir(), required: [] };
    const second = await openSession({ agent: agent(), bounds: BOUNDS, settings: elsewhere, lockTimeout: 0 });
    await second.close();
    await first.close();
  });
});
