/** Compiles with the clang of the npm package, which is itself a WebAssembly module, in several threads. */
import { availableParallelism, totalmem } from "node:os";
import { posix } from "node:path";
import { Worker } from "node:worker_threads";
import { CompileError, compilerVersion, firstErrors } from "../../compile/clang.ts";
import type { Compilation, CompiledFile, Compiler, LinkedModule, Workspace } from "./compiler.ts";
import { FORCED_HEADERS } from "./compiler-flags.ts";
import { driverArguments, frontEndCommand, type Placeholders, withFiles } from "./front-end-command.ts";
import { IncludeClosure } from "./include-closure.ts";
import { linkError, linkerWarnings } from "./linker-messages.ts";
import { prerequisites } from "./make-rule.ts";
import type { NpmCommand, NpmOutcome } from "./npm-compiler-thread.ts";
import type { SourceLayers } from "./source-layers.ts";

/** Memory that a thread may need, in bytes. */
const THREAD_BYTES = 2 ** 30;

/**
 * Opens the clang of the npm package.
 *
 * @throws CompileError when the package is not installed
 */
export async function npmCompiler(): Promise<Compiler> {
  const version = await compilerVersion();
  const slots = Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / THREAD_BYTES)));
  const idle: Thread[] = [];
  return {
    version,
    slots,
    open: async (sources) => new NpmWorkspace(sources, idle),
    close: async () => {
      await Promise.all(idle.splice(0).map((thread) => thread.stop()));
    },
  };
}

/** Paths in the thread's file system. */
const PLACEHOLDERS: Placeholders = { input: "placeholder/input.c", output: "output", dependencies: "dependencies" };

class NpmWorkspace implements Workspace {
  readonly #closure: IncludeClosure;
  /** Idle threads. They belong to the compiler, whose next workspace reuses them. */
  readonly #idle: Thread[];
  readonly #busy: Set<Thread> = new Set();
  /** Files of the closure as bytes. Object identity shows whether a thread already has a file. */
  readonly #bytes: Map<string, Uint8Array> = new Map();
  readonly #commands: Map<string, Promise<readonly string[]>> = new Map();
  #isClosed = false;

  constructor(sources: SourceLayers, idle: Thread[]) {
    this.#closure = new IncludeClosure((file) => sources.read(file));
    this.#idle = idle;
    this.#bytes.set(PLACEHOLDERS.input, new Uint8Array());
  }

  async compile({ file, flags, output }: Compilation): Promise<CompiledFile> {
    const command = await this.#frontEnd(flags, output);
    this.#add([...FORCED_HEADERS, file]);
    const {
      succeeded,
      messages,
      outputs: [bytes, rule],
    } = await this.#run(withFiles(command, file, PLACEHOLDERS, PLACEHOLDERS), this.#bytes, [
      PLACEHOLDERS.output,
      PLACEHOLDERS.dependencies,
    ]);
    if (!succeeded || bytes === undefined || rule === undefined) {
      throw new CompileError(firstErrors(messages, 1));
    }
    return { bytes, inputs: prerequisites(Buffer.from(rule).toString("utf8")) };
  }

  async update(file: string): Promise<void> {
    for (const path of [...this.#closure.texts.keys()].filter((each) => posix.normalize(each) === file)) {
      this.#closure.texts.delete(path);
      this.#bytes.delete(path);
      this.#add([path]);
    }
  }

  async link(objects: ReadonlyMap<string, Uint8Array>, flags: readonly string[]): Promise<LinkedModule> {
    const files = new Map([...objects].map(([file, bytes]) => [`${file}.o`, bytes]));
    const args = ["wasm-ld", ...flags, "-o", PLACEHOLDERS.output, ...files.keys()];
    const {
      succeeded,
      messages,
      outputs: [bytes],
    } = await this.#run(args, files, [PLACEHOLDERS.output]);
    if (!succeeded || bytes === undefined) {
      throw linkError(messages);
    }
    return { bytes, warnings: linkerWarnings(messages) };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#busy].map((thread) => thread.stop()));
  }

  /** Adds files, and the files that they include, to those that threads receive. */
  #add(files: readonly string[]): void {
    this.#closure.add(files);
    for (const [path, text] of this.#closure.texts) {
      if (!this.#bytes.has(path)) {
        this.#bytes.set(path, new TextEncoder().encode(text));
      }
    }
  }

  #frontEnd(flags: readonly string[], output: Compilation["output"]): Promise<readonly string[]> {
    const key = JSON.stringify([flags, output]);
    const command =
      this.#commands.get(key) ??
      this.#run(["clang", ...driverArguments({ flags, output }, PLACEHOLDERS)], this.#bytes, []).then(({ messages }) =>
        // The command has no program; its first argument selects the LLVM tool.
        frontEndCommand(messages).slice(1),
      );
    this.#commands.set(key, command);
    return command;
  }

  async #run(
    args: readonly string[],
    files: ReadonlyMap<string, Uint8Array>,
    outputs: readonly string[],
  ): Promise<NpmOutcome> {
    if (this.#isClosed) {
      throw new Error("the workspace is closed");
    }
    const thread = this.#idle.pop() ?? new Thread();
    this.#busy.add(thread);
    try {
      return await thread.run(args, files, outputs);
    } finally {
      this.#busy.delete(thread);
      if (!this.#isClosed) {
        this.#idle.push(thread);
      }
    }
  }
}

/** A thread and the state of its file system. */
class Thread {
  readonly #worker: Worker = new Worker(new URL("./npm-compiler-thread.js", import.meta.url));
  #files: ReadonlyMap<string, Uint8Array> = new Map();
  #threadFiles: Map<string, Uint8Array> = new Map();

  constructor() {
    // An idle thread must not keep the process alive.
    this.#worker.unref();
  }

  /** Runs a command with exactly these files. */
  run(
    args: readonly string[],
    files: ReadonlyMap<string, Uint8Array>,
    outputs: readonly string[],
  ): Promise<NpmOutcome> {
    const replacesFiles = files !== this.#files;
    if (replacesFiles) {
      this.#files = files;
      this.#threadFiles = new Map();
    }
    const changed = [...files].filter(([path, bytes]) => this.#threadFiles.get(path) !== bytes);
    this.#threadFiles = new Map(files);
    const command: NpmCommand = { args, replacesFiles, files: new Map(changed), outputs };
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        this.#worker.off("message", onMessage).off("error", onError).off("exit", onExit);
        this.#worker.unref();
        settle();
      };
      const onMessage = (outcome: NpmOutcome): void => end(() => resolve(outcome));
      const onError = (error: unknown): void => end(() => reject(error));
      const onExit = (): void => end(() => reject(new Error("the thread that compiles ended too early")));
      this.#worker.ref();
      this.#worker.on("message", onMessage).on("error", onError).on("exit", onExit);
      this.#worker.postMessage(command);
    });
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}
