/** A thread that runs the clang of the npm package: one command at a time, over files that it is sent. */
import { parentPort } from "node:worker_threads";
import { CompileError, loadClangPackage } from "../../compile/clang.ts";

/** A command, and files that the thread does not have yet, or that have changed. */
export interface NpmCommand {
  readonly args: readonly string[];
  /** Whether earlier files are no more. */
  readonly isOther: boolean;
  /** By path. The file system knows no `..`: a path is looked up as if it were not there. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Paths of files that the command writes. */
  readonly outputs: readonly string[];
}

/** How a command ended. */
export interface NpmOutcome {
  readonly succeeded: boolean;
  readonly printed: string;
  /** In the order of the command's outputs, as far as they were written. */
  readonly outputs: readonly (Uint8Array<ArrayBuffer> | undefined)[];
}

interface Folder {
  [name: string]: Folder | Uint8Array;
}

let root: Folder = {};

function put(file: string, bytes: Uint8Array): void {
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

async function outcomeOf({ args, isOther, files, outputs }: NpmCommand): Promise<NpmOutcome> {
  if (isOther) {
    root = {};
  }
  for (const [file, bytes] of files) {
    put(file, bytes);
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
    printed: Buffer.concat(printed).toString("utf8"),
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
    parentPort?.postMessage({ succeeded: false, printed: error.message, outputs: [] } satisfies NpmOutcome);
  }
});
