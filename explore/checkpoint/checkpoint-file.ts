/** Checkpoint files. */
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { MachineError } from "../model/errors.ts";

const READ_BYTES = 1 << 20;

/** Writes a checkpoint. An existing file at the path is replaced only after the new one is complete. */
export function writeCheckpointFile(path: string, chunks: Iterable<Uint8Array>): void {
  const partial = `${path}.partial`;
  try {
    writeAll(partial, chunks);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function writeAll(path: string, chunks: Iterable<Uint8Array>): void {
  const file = openSync(path, "w");
  try {
    for (const chunk of chunks) {
      for (let from = 0; from < chunk.length; ) {
        from += writeSync(file, chunk, from);
      }
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * The chunks of a checkpoint. Each is valid until the next one is requested.
 *
 * @throws MachineError (`bad-checkpoint`) when the file is missing or unreadable
 */
export function* readCheckpointFile(path: string): Generator<Uint8Array> {
  const chunk = new Uint8Array(READ_BYTES);
  let file: number | undefined;
  try {
    // Opening a FIFO would block.
    if (!statSync(path).isFile()) {
      throw new Error("it is not a file");
    }
    file = openSync(path, "r");
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
      yield chunk.subarray(0, length);
    }
  } catch (error) {
    throw new MachineError("bad-checkpoint", `cannot read the checkpoint ${path}: ${(error as Error).message}`);
  } finally {
    if (file !== undefined) {
      closeSync(file);
    }
  }
}
