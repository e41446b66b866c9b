/**
 * Paths that cannot be read as text, one for each error of the system and each kind of file that would block a reader.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Obstacle {
  readonly name: string;
  /** Makes it in a folder, which must not contain it. @returns its path */
  readonly make: (folder: string) => string;
  readonly reason: RegExp;
  /** The reason for readers of pipes, if different. */
  readonly pipeReason?: RegExp;
  /** Whether the path does not exist: no error for optional files. */
  readonly isAbsent?: boolean;
}

function makeAt(folder: string, name: string, make: (path: string) => unknown): string {
  const path = join(folder, name);
  make(path);
  return path;
}

/** Permissions do not restrict the superuser. */
const isRestricted = process.getuid?.() !== 0;

export const OBSTACLES: readonly Obstacle[] = [
  {
    name: "nothing",
    make: (folder) => join(folder, "nothing"),
    reason: /^no such file or directory$/,
    isAbsent: true,
  },
  {
    name: "something in a file",
    make: (folder) =>
      join(
        makeAt(folder, "file", (path) => writeFileSync(path, "")),
        "inside",
      ),
    reason: /^not a directory$/,
  },
  { name: "a folder", make: (folder) => folder, reason: /^it is a folder, .*$/ },
  {
    name: "a link to itself",
    make: (folder) => makeAt(folder, "loop", (path) => symlinkSync(path, path)),
    reason: /^too many symbolic links encountered$/,
  },
  {
    name: "a link to nothing",
    make: (folder) => makeAt(folder, "dangling", (path) => symlinkSync("nothing", path)),
    reason: /^it is a link to a file that does not exist$/,
  },
  {
    name: "a link to something in a file",
    make: (folder) =>
      makeAt(folder, "astray", (path) => {
        writeFileSync(join(folder, "target"), "");
        symlinkSync("target/inside", path);
      }),
    reason: /^not a directory$/,
  },
  { name: "an over-long name", make: (folder) => join(folder, "x".repeat(256)), reason: /^name too long$/ },
  { name: "an over-long path", make: (folder) => join(folder, "x/".repeat(2048)), reason: /^name too long$/ },
  {
    name: "a FIFO that no process writes to",
    make: (folder) => makeAt(folder, "fifo", (path) => spawnSync("mkfifo", [path])),
    reason: /^it is a pipe, not a regular file$/,
    pipeReason: /^it is a FIFO, and no process writes to it$/,
  },
  { name: "a device without an end", make: () => "/dev/zero", reason: /^it is a device, .*$/ },
  {
    name: "a file of two GiB",
    make: (folder) =>
      makeAt(folder, "huge", (path) => {
        writeFileSync(path, "");
        truncateSync(path, 2 ** 31);
      }),
    reason: /^it has more than 256 MiB$/,
  },
  { name: "a file whose reading fails", make: () => "/proc/self/mem", reason: /^i\/o error$/ },
  ...(isRestricted
    ? [
        {
          name: "a file that may not be read",
          make: (folder: string) => makeAt(folder, "secret", (path) => writeFileSync(path, "", { mode: 0 })),
          reason: /^permission denied$/,
        },
        {
          name: "a file in a folder that may not be searched",
          make: (folder: string) =>
            makeAt(folder, "private/file", (path) => {
              mkdirSync(join(path, ".."));
              writeFileSync(path, "");
              chmodSync(join(path, ".."), 0);
            }),
          reason: /^permission denied$/,
        },
      ]
    : []),
];
