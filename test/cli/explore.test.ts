/** Command `foliocheck explore`. */
import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { parseAddress } from "../../playground/address/address.ts";
import { rmapTrace } from "../report/fixtures.ts";
import { imageTrace } from "../report/html/image-trace.ts";
import { FAULTY, foliocheck, ownFolder, start } from "./command.ts";

const folder = ownFolder();

let running: ChildProcess | undefined;
afterEach(() => {
  running?.kill("SIGKILL");
});

/** Starts the command. @returns its first line */
async function explore(...args: readonly string[]): Promise<string> {
  running = start(["explore", ...args], folder.path);
  const [line] = (await once(running.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  return String(line).trim();
}

describe("foliocheck explore", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "the command prints an address, serves the page, and ends with 0 at %s",
    async (signal) => {
      const url = await explore();
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
      expect(await (await fetch(url)).text()).toContain("<title>foliocheck playground</title>");
      const closed = once(running as ChildProcess, "close");
      running?.kill(signal);
      expect(await closed).toEqual([0, null]);
      await expect(fetch(url)).rejects.toThrow();
    },
  );

  test("the address has the setting and the steps of a trace", async () => {
    expect(foliocheck([...FAULTY, "--trace-out", "trace.json"], folder.path).code).toBe(1);
    const url = new URL(await explore("trace.json"));
    expect(parseAddress(url.hash)).toEqual({
      machine: "owner-tracking",
      kernel: "slot-1-without-shared",
      config: "page-mapcount,64bit,mm-id",
      bounds: { pages: 4, mms: 3 },
      path: ["map(0,1)", "map(1,1)"],
    });
  });

  test.each([
    ["a file that does not exist", undefined, /^cannot read trace\.json: /],
    ["a file that is no trace", "{}", /^trace\.json is not a foliocheck trace; want /],
    [
      "a trace of an image",
      JSON.stringify({ ...imageTrace, warning: undefined }),
      /^the trace is of whole files of a kernel tree, /,
    ],
    [
      "a trace of an unknown kernel",
      JSON.stringify({ ...rmapTrace, kernel: "mine" }),
      /^unknown variant "mine"; want /,
    ],
  ])("%s is refused in one line, with exit code 2", (_, text, message) => {
    if (text !== undefined) {
      writeFileSync(join(folder.path, "trace.json"), text);
    }
    const { code, out, err } = foliocheck(["explore", "trace.json"], folder.path);
    expect(err).toMatch(/^error: [^\n]+\n$/);
    expect(err.slice("error: ".length)).toMatch(message);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  test("a port that cannot be used is refused in one line, with exit code 2", () => {
    const { code, out, err } = foliocheck(["explore", "--port", "70000"], folder.path);
    expect(err).toMatch(/^error: cannot listen on port 70000 of 127\.0\.0\.1: [^\n]+\n$/);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });
});

describe("npm run site", () => {
  test("the static files are those that the command serves", async () => {
    const url = await explore();
    const site = join(folder.path, "site");
    const build = join(import.meta.dirname, "../../playground/build.mjs");
    expect(spawnSync(process.execPath, [build, site], { encoding: "utf8" }).stderr).toBe("");
    expect(folder.files()).toEqual(["site"]);
    expect(readdirSync(site).sort()).toEqual(["agent.c", "index.html", "main.c", "page.css", "page.js", "worker.js"]);
    for (const name of readdirSync(site)) {
      expect(await (await fetch(`${url}${name}`)).text(), name).toBe(readFileSync(join(site, name), "utf8"));
    }
  });
});
