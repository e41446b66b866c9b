/** Text of files that a user names: whatever the name leads to, there is a text or a reason, and no read blocks. */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, symlinkSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileOrPipeText, fileText, InputError } from "../../files/input-text.ts";
import { newFolder } from "../gate/tree-copy.ts";
import { OBSTACLES } from "./obstacles.ts";

const folder = newFolder();

let pipes = 0;
function newPipe(): string {
  const path = join(folder, `pipe-${pipes++}`);
  expect(spawnSync("mkfifo", [path]).status).toBe(0);
  return path;
}

describe("the text of a file", () => {
  test("is that of the file, without a byte order mark", async () => {
    const path = join(folder, "text");
    writeFileSync(path, "\uFEFFfüß\r\n\uFEFF");
    expect(fileText(path)).toBe("füß\r\n\uFEFF");
    expect(await fileOrPipeText(path)).toBe("füß\r\n\uFEFF");
  });

  test("is empty where the file is", () => {
    const path = join(folder, "empty");
    writeFileSync(path, "");
    expect(fileText(path)).toBe("");
  });

  test.each(OBSTACLES)("cannot be read where the name is that of $name: the reason is one line", async (obstacle) => {
    const path = obstacle.make(folder);
    const expected = {
      message: expect.stringMatching(obstacle.reason),
      obstacle: obstacle.obstacle ?? "unreadable",
    };
    expect(() => fileText(path)).toThrow(expect.objectContaining({ constructor: InputError, ...expected }));
    await expect(fileOrPipeText(path)).rejects.toMatchObject({
      ...expected,
      message: expect.stringMatching(obstacle.pipeReason ?? obstacle.reason),
    });
  });

  test("cannot be read from a socket", async () => {
    const path = join(folder, "socket");
    const server = createServer().listen(path);
    await new Promise((resume) => server.once("listening", resume));
    expect(() => fileText(path)).toThrow("it is a socket");
    await expect(fileOrPipeText(path)).rejects.toThrow("it is a socket");
    server.close();
  });

  test("of more than 256 MiB is refused before it is read", () => {
    const path = join(folder, "large");
    writeFileSync(path, "");
    truncateSync(path, 2 ** 28 + 1);
    expect(() => fileText(path)).toThrow("it has more than 256 MiB");
    rmSync(path);
  });
});

describe("the text of a pipe", () => {
  test("is all that is written until no process has it open any more", async () => {
    const path = newPipe();
    const script = `printf 'one '; sleep 0.2; head -c 200000 /dev/zero | tr '\\0' x; printf ' end'`;
    const writer = spawn("sh", ["-c", `(${script}) > "${path}"`]);
    // Opening it for reading and writing waits for nobody: from then on it has a writer.
    const holder = openSync(path, "r+");
    const text = fileOrPipeText(path);
    await new Promise((resume) => writer.once("close", resume));
    closeSync(holder);
    expect(await text).toBe(`one ${"x".repeat(200_000)} end`);
  });

  test("that is named by its descriptor, as shells do for <(…), is read as well", () => {
    const script = `import { fileOrPipeText } from "./dist/files/input-text.js"; console.log(await fileOrPipeText("/dev/fd/3"));`;
    const line = `printf 'a text' | (exec 3<&0; "$0" --input-type=module -e "$1")`;
    const { stdout, stderr } = spawnSync("sh", ["-c", line, process.execPath, script], { encoding: "utf8" });
    expect({ stdout, stderr }).toEqual({ stdout: "a text\n", stderr: "" });
  });

  test("leaves the process to its other work, such as signals, while there is nothing to read", async () => {
    const path = newPipe();
    const holder = openSync(path, "r+");
    const text = fileOrPipeText(path);
    let ticks = 0;
    for (; ticks < 5; ticks++) {
      await new Promise((resume) => setTimeout(resume, 1));
    }
    writeSync(holder, "a text");
    closeSync(holder);
    expect(await text).toBe("a text");
    expect(ticks).toBe(5);
  });

  test("of more than 256 MiB is refused, however long the writer goes on", async () => {
    const path = newPipe();
    const holder = openSync(path, "r+");
    const writer = spawn("sh", ["-c", `exec cat /dev/zero > "${path}"`]);
    await expect(fileOrPipeText(path)).rejects.toThrow("it has more than 256 MiB");
    closeSync(holder);
    // Its reader is gone.
    const [, signal] = await new Promise<[unknown, unknown]>((resume) =>
      writer.once("close", (...end) => resume(end as [unknown, unknown])),
    );
    expect(signal).toBe("SIGPIPE");
  });
});

test("a link that leads to itself and one into it are named by no reason but that", () => {
  const path = join(folder, "inside");
  symlinkSync(join(folder, "inside", "deeper"), path);
  expect(() => fileText(path)).toThrow("too many symbolic links encountered");
});
