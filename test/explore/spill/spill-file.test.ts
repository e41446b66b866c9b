import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { spillTo } from "../../../explore/visited/spill-file.ts";
import { SpillFailed, type StateFile } from "../../../explore/visited/state-file.ts";

const WORDS = 3;
const STATES = 100;

const folder = mkdtempSync(join(tmpdir(), "foliocheck-spill-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const statesOf = (segment: number): Int32Array =>
  Int32Array.from({ length: WORDS * STATES }, (_, i) => i * 7 - segment);
const parentsOf = (segment: number): Uint32Array =>
  Uint32Array.from({ length: STATES }, (_, i) => 0xffff_ffff - i * segment);

function fileWith(segments: number): StateFile {
  const file = spillTo(folder).open(WORDS, STATES);
  for (let segment = 0; segment < segments; segment++) {
    file.append(statesOf(segment), parentsOf(segment));
  }
  return file;
}

/** Path of an open file of this process in the folder, which has no name any more. */
function openPath(): string {
  const [path] = readdirSync("/proc/self/fd")
    .map((number) => `/proc/self/fd/${number}`)
    .filter((link) => {
      try {
        return readlinkSync(link).startsWith(folder);
      } catch {
        return false;
      }
    });
  return path ?? "";
}

describe("A file of states on disk", () => {
  it("the states and parents of each segment are read as they were written, in any order", () => {
    const file = fileWith(5);
    const states = new Int32Array(WORDS * STATES);
    const parents = new Uint32Array(STATES);
    for (const segment of [3, 0, 4, 1, 2, 4]) {
      file.readStates(segment, states);
      file.readParents(segment, parents);
      expect(states).toEqual(statesOf(segment));
      expect(parents).toEqual(parentsOf(segment));
    }
    file.close();
  });

  it("the folder is empty while the file is open, and after it was closed", () => {
    const file = fileWith(2);
    expect(readdirSync(folder)).toEqual([]);
    file.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(process.platform === "linux")("a file that was changed on disk is an error, wherever it was changed", () => {
    const bytes = 4 * STATES * (WORDS + 1);
    for (const at of [0, 4 * STATES * WORDS - 1, 4 * STATES * WORDS, bytes - 1, bytes, 2 * bytes - 1]) {
      const file = fileWith(2);
      const path = openPath();
      const content = readFileSync(path);
      content[at] = (content[at] as number) ^ 0x10;
      writeFileSync(path, content);
      const read = (): void => {
        for (const segment of [0, 1]) {
          file.readStates(segment, new Int32Array(WORDS * STATES));
          file.readParents(segment, new Uint32Array(STATES));
        }
      };
      expect(read).toThrow(SpillFailed);
      expect(read).toThrow(`cannot read states from ${folder}: they are not the states that were written`);
      file.close();
    }
  });

  it.runIf(process.platform === "linux")("a file that was truncated is an error", () => {
    const file = fileWith(1);
    writeFileSync(openPath(), "short");
    expect(() => file.readParents(0, new Uint32Array(STATES))).toThrow("its file is too short");
    file.close();
  });

  it("a file in a folder that does not exist is an error", () => {
    expect(() => spillTo(join(folder, "absent")).open(WORDS, STATES)).toThrow(
      /^cannot create a file in .*absent: ENOENT/,
    );
  });
});
