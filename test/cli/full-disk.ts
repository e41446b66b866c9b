/**
 * Full disks for tests: a small tmpfs if this process may mount one, else a limit on the size of files, which fails at
 * the same point: a file can be created, but content beyond the limit cannot be written.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type Finished, shell } from "./command.ts";

/** Size of the tmpfs, in bytes. */
const SIZE = 64 * 1024;

/** Name of the file that fills the disk. */
const FILLER = "filler";

/** Implementation of a full disk. */
export type Kind = "tmpfs" | "limit";

/** Folder on a full disk. */
export interface FullDisk {
  /** The system's reason for a failed write. */
  readonly reason: string;
  /** Runs a line of shell in the folder while the disk is full. */
  run(line: string): Finished;
  /** Writes a file before the disk is full. */
  write(name: string, content: string): void;
  /** Empties the folder. */
  clear(): void;
  /** Lists the files in the folder, recursively, except the file that fills the disk. */
  files(): string[];
}

/** Whether this process may mount a tmpfs. */
export const mayMount: boolean = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), "foliocheck-mount-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE}`, "tmpfs", folder]).status === 0;
  if (mounted) {
    spawnSync("umount", [folder]);
  }
  rmSync(folder, { recursive: true });
  return mounted;
})();

/**
 * Creates a full disk for the tests of a file.
 *
 * @param room number of bytes that can still be written; a multiple of 4096
 */
export function fullDisk(kind: Kind, room = 0): FullDisk {
  let path = "";
  beforeAll(() => {
    path = mkdtempSync(join(tmpdir(), "foliocheck-full-"));
    if (kind === "tmpfs") {
      spawnSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE}`, "tmpfs", path]);
    }
  });
  afterAll(() => {
    if (kind === "tmpfs") {
      spawnSync("umount", [path]);
    }
    rmSync(path, { recursive: true, force: true });
  });
  return {
    reason: kind === "tmpfs" ? "no space left on device" : "file too large",
    run: (line) => {
      if (kind === "limit") {
        // The limit is in blocks of 512 bytes.
        return shell(`ulimit -f ${room / 512}; ${line}`, path);
      }
      // Free space must remain free.
      const { out } = shell("df --output=avail -B1 . | tail -1", path);
      writeFileSync(join(path, FILLER), "x".repeat(Number(out) - room));
      return shell(line, path);
    },
    write: (name, content) => writeFileSync(join(path, name), content),
    clear: () => {
      for (const name of readdirSync(path)) {
        rmSync(join(path, name), { recursive: true });
      }
      mkdirSync(path, { recursive: true });
    },
    files: () =>
      readdirSync(path, { recursive: true, encoding: "utf8" })
        .filter((name) => name !== FILLER)
        .sort(),
  };
}
