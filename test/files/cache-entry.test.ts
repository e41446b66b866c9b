/** Cache entries: everything except the exact bytes written under the same key reads as absent. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CacheEntry, PROGRAM } from "../../files/cache-entry.ts";
import { projectFolder } from "../build-once.ts";
import "../built-cli.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "foliocheck-entries-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => (i * 31) % 251);
const KEY = ["compiler 1.0", "-O2", "the text"];

function written(key: readonly string[] = KEY, bytes: Uint8Array = BYTES): CacheEntry {
  const entry = new CacheEntry(folder, "thing", key);
  entry.write(bytes);
  return entry;
}

/** Reads through a new object, which has no data in memory. */
const stored = (): Uint8Array | undefined => new CacheEntry(folder, "thing", KEY).read();

describe("an entry of a cache", () => {
  test("a cache entry is absent before it is written, and then reads as last written", () => {
    expect(stored()).toBe(undefined);
    written();
    expect(stored()).toEqual(BYTES);
    written(KEY, Uint8Array.of(1, 2, 3));
    expect(stored()).toEqual(Uint8Array.of(1, 2, 3));
    written(KEY, new Uint8Array());
    expect(stored()).toEqual(new Uint8Array());
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test("keys of cache entries differ when any part differs, or when the same text is split differently", () => {
    const keys = [KEY, ["compiler 1.1", "-O2", "the text"], ["compiler 1.0", "-O2the", " text"], KEY.slice(1)];
    const paths = keys.map((key) => new CacheEntry(folder, "thing", key).path);
    expect(new Set([...paths, new CacheEntry(folder, "other", KEY).path]).size).toBe(keys.length + 1);
  });

  test("a cache entry is absent when any bit of its file is flipped", () => {
    const { path } = written();
    const original = readFileSync(path);
    const accepted: number[] = [];
    for (let bit = 0; bit < 8 * original.length; bit++) {
      const flipped = Buffer.from(original);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      writeFileSync(path, flipped);
      if (stored() !== undefined) {
        accepted.push(bit);
      }
    }
    expect(accepted).toEqual([]);
  });

  test("a cache entry is absent when its file is truncated anywhere, or extended at either end", () => {
    const { path } = written();
    const original = readFileSync(path);
    const others = Array.from({ length: original.length }, (_, length) => original.subarray(0, length));
    others.push(Buffer.concat([original, original]), Buffer.concat([original, Buffer.of(0)]));
    others.push(Buffer.concat([Buffer.of(0), original]), Buffer.from(BYTES));
    const accepted = others.filter((content) => {
      writeFileSync(path, content);
      return stored() !== undefined;
    });
    expect(accepted).toEqual([]);
  });

  test("a cache entry is absent when its file is a copy of another key or kind", () => {
    const { path } = written();
    copyFileSync(written(["compiler 1.0", "-O2", "another text"]).path, path);
    expect(stored()).toBe(undefined);
    const other = new CacheEntry(folder, "other", KEY);
    other.write(BYTES);
    copyFileSync(other.path, path);
    expect(stored()).toBe(undefined);
  });

  test("a cache entry is absent when its trailer has another format", () => {
    const { path } = written();
    const file = readFileSync(path).toString("latin1");
    expect(file).toContain("foliocheck cache entry 1");
    writeFileSync(path, file.replace("foliocheck cache entry 1", "foliocheck cache entry 0"), "latin1");
    expect(stored()).toBe(undefined);
  });

  test.each([
    ["a FIFO", (path: string) => spawnSync("mkfifo", [path])],
    ["a link to itself", (path: string) => symlinkSync(path, path)],
    ["a link to a file that does not exist", (path: string) => symlinkSync(`${path}.none`, path)],
    ["a link to a device without an end", (path: string) => symlinkSync("/dev/zero", path)],
    ["a link to a file of something else", (path: string) => symlinkSync("/bin/sh", path)],
  ])("a cache entry is absent when its path is %s, and replaces it when it is written", (_, make) => {
    const { path } = new CacheEntry(folder, "thing", KEY);
    make(path);
    expect(stored()).toBe(undefined);
    expect(written().read()).toEqual(BYTES);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test("a cache entry is read through a symbolic link, whose target is unchanged by a write", () => {
    const { path } = written();
    const elsewhere = join(folder, "elsewhere");
    copyFileSync(path, elsewhere);
    rmSync(path);
    symlinkSync(elsewhere, path);
    expect(stored()).toEqual(BYTES);
    const before = readFileSync(elsewhere);
    written(KEY, Uint8Array.of(1));
    expect(stored()).toEqual(Uint8Array.of(1));
    expect(readFileSync(elsewhere)).toEqual(before);
  });

  test("writing a cache entry at the path of a folder throws and leaves no temporary file", () => {
    const { path } = new CacheEntry(folder, "thing", KEY);
    mkdirSync(path);
    expect(stored()).toBe(undefined);
    expect(() => written()).toThrow();
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test("a cache entry can be an executable program", () => {
    const entry = new CacheEntry(folder, "program", KEY);
    entry.write(readFileSync("/bin/sh"), PROGRAM);
    expect(statSync(entry.path).mode & 0o111).toBe(0o111);
    expect(spawnSync(entry.path, ["-c", "echo it runs"], { encoding: "utf8" }).stdout).toBe("it runs\n");
  });
});

describe("processes that write one entry", () => {
  const script = (bytes: number, times: number): string =>
    [
      `import { CacheEntry } from ${JSON.stringify(pathToFileURL(join(projectFolder, "dist/files/cache-entry.js")))};`,
      `const entry = new CacheEntry(${JSON.stringify(folder)}, "thing", ${JSON.stringify(KEY)});`,
      `for (let i = 0; i < ${times}; i++) entry.write(new Uint8Array(${bytes}).fill(7));`,
    ].join("\n");
  const ARGUMENTS = ["--input-type=module", "-e"];

  test("concurrent writers leave a cache entry complete at all times, and no other files", async () => {
    const writers = [1, 2].map(() => spawn(process.execPath, [...ARGUMENTS, script(100_000, 60)]));
    const ends = Promise.all(writers.map((writer) => once(writer, "close")));
    let running = true;
    void ends.then(() => {
      running = false;
    });
    let isThere = false;
    while (running) {
      const read = stored()?.length;
      expect([isThere ? 100_000 : undefined, 100_000]).toContain(read);
      isThere ||= read !== undefined;
      await new Promise((resume) => setImmediate(resume));
    }
    expect(await ends).toEqual([
      [0, null],
      [0, null],
    ]);
    expect(isThere).toBe(true);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test("a write to a full disk throws and leaves the previous cache entry", () => {
    written();
    // The limit on file sizes makes the system fail like a disk that becomes full, after the first part of the file.
    const line = `trap "" XFSZ; ulimit -f 8; exec "$0" "$@"`;
    const { status, stderr } = spawnSync("sh", ["-c", line, process.execPath, ...ARGUMENTS, script(100_000, 1)], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("EFBIG") });
    expect(readdirSync(folder)).toHaveLength(1);
    expect(stored()).toEqual(BYTES);
  });
});
