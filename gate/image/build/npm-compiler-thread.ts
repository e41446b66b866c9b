/** A thread that runs the clang of the npm package: one command at a time, on files that it receives. */
import { parentPort } from "node:worker_threads";
import { CompileError, loadClangPackage } from "../../compile/clang.ts";

/** A command, with the files that are new or changed since the preceding one. */
export interface NpmCommand {
  readonly args: readonly string[];
  /** Whether all earlier files are dropped. */
  readonly replacesFiles: boolean;
  /** By path. The file system ignores `..`: `a/../b` is looked up as `a/b`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Paths of the files that the command writes. */
  readonly outputs: readonly string[];
}

/** The result of a command. */
export interface NpmOutcome {
  readonly succeeded: boolean;
  readonly messages: string;
  /** In the order of the command's outputs; undefined for a file that was not written. */
  readonly outputs: readonly (Uint8Array<ArrayBuffer> | undefined)[];
}

interface Folder {
  [name: string]: Folder | Uint8Array;
}

let root: Folder = {};

function writeFile(file: string, bytes: Uint8Array): void {
  const [name = "", ...folders] = partsOf(file).reverse();
  let folder = root;
  for (const each of folders.reverse()) {
    folder[each] ??= {};
    folder = folder[each] as Folder;
  }
  folder[name] = bytes;
}

function partsOf(file: string): string[] {
  return file.split("/").filter((part) => part !== "." && part !== "..");
}

async function outcomeOf({ args, replacesFiles, files, outputs }: NpmCommand): Promise<NpmOutcome> {
  if (replacesFiles) {
    root = {};
  }
  for (const [file, bytes] of files) {
    writeFile(file, bytes);
  }
  const { runLLVM } = await loadClangPackage();
  const printed: Uint8Array[] = [];
  const print = (bytes: Uint8Array | null): void => {
    if (bytes !== null) {
      printed.push(bytes.slice());
    }
  };
  let written: Folder = {};
  let succeeded = true;
  try {
    written = (await runLLVM([...args], root, { stdout: print, stderr: print, decodeASCII: false })) as Folder;
  } catch (error) {
    succeeded = false;
    if (printed.length === 0) {
      print(new TextEncoder().encode(`error: ${String(error)}`));
    }
  }
  return {
    succeeded,
    messages: Buffer.concat(printed).toString("utf8"),
    outputs: outputs.map((file) => {
      const bytes = written[file];
      return bytes instanceof Uint8Array ? new Uint8Array(bytes) : undefined;
    }),
  };
}

parentPort?.on("message", async (command: NpmCommand) => {
  try {
    parentPort?.postMessage(await outcomeOf(command));
  } catch (error) {
    if (!(error instanceof CompileError)) {
      throw error;
    }
    parentPort?.postMessage({ succeeded: false, messages: error.message, outputs: [] } satisfies NpmOutcome);
  }
});
