/**
 * Compiles with a clang of the host. It runs in the tree's folder, so that paths in objects and messages are relative
 * to the tree. Files that the folder lacks, or that differ from it, are overlaid with clang's virtual file system.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, posix } from "node:path";
import { reasonOf } from "../../../files/error-reason.ts";
import { makeTemporaryFolder, removeTemporaryFolder } from "../../../files/temporary-folder.ts";
import { CompileError, firstErrors } from "../../compile/clang.ts";
import { clangEnvironment, type NativeClang } from "../../compile/native-clang.ts";
import type { Compilation, CompiledFile, Compiler, LinkedModule, Workspace } from "./compiler.ts";
import { driverArguments, frontEndCommand, type Placeholders, withFiles } from "./front-end-command.ts";
import { linkError, linkerWarnings } from "./linker-messages.ts";
import { prerequisites } from "./make-rule.ts";
import type { SourceLayers } from "./source-layers.ts";

/** Returns a compiler that runs a clang of the host. */
export function nativeCompiler(programs: NativeClang): Compiler {
  return {
    version: programs.version,
    slots: availableParallelism(),
    open: async (sources) => new NativeWorkspace(programs, sources),
    close: async () => {},
  };
}

class NativeWorkspace implements Workspace {
  readonly #programs: NativeClang;
  readonly #sources: SourceLayers;
  readonly #folder: string;
  readonly #running: Set<ChildProcess> = new Set();
  readonly #commands: Map<string, Promise<readonly [string, ...string[]]>> = new Map();
  #compilations = 0;
  #isClosed = false;

  constructor(programs: NativeClang, sources: SourceLayers) {
    this.#programs = programs;
    this.#sources = sources;
    this.#folder = makeTemporaryFolder();
    for (const file of sources.overlay.keys()) {
      this.#write(file);
    }
    writeFileSync(this.#placeholders.input, "");
    writeFileSync(this.#overlayFile, JSON.stringify(overlayOf(sources, this.#layerFolder)));
    process.on("exit", this.#killAll);
  }

  async compile({ file, flags, output }: Compilation): Promise<CompiledFile> {
    const [program, ...args] = await this.#frontEnd(flags, output);
    const target = join(this.#folder, `object-${this.#compilations++}`);
    const to = { output: target, dependencies: `${target}.d` };
    const { code, printed } = await this.#run(program, withFiles(args, file, this.#placeholders, to));
    if (code !== 0) {
      throw new CompileError(firstErrors(printed, 1));
    }
    return {
      bytes: new Uint8Array(readFileSync(to.output)),
      inputs: prerequisites(readFileSync(to.dependencies, "utf8")),
    };
  }

  async update(file: string): Promise<void> {
    this.#write(file);
  }

  async link(objects: ReadonlyMap<string, Uint8Array>, flags: readonly string[]): Promise<LinkedModule> {
    const folder = join(this.#folder, "objects");
    const names = [...objects.keys()].map((file) => `${file}.o`);
    for (const [file, bytes] of objects) {
      const path = join(folder, `${file}.o`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    }
    const target = join(this.#folder, "image.wasm");
    const { code, printed } = await this.#run(this.#programs.linker, [...flags, "-o", target, ...names], folder);
    if (code !== 0) {
      throw linkError(printed);
    }
    return { bytes: new Uint8Array(readFileSync(target)), warnings: linkerWarnings(printed) };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#killAll();
    process.off("exit", this.#killAll);
    removeTemporaryFolder(this.#folder);
  }

  readonly #killAll = (): void => {
    for (const child of this.#running) {
      child.kill("SIGKILL");
    }
  };

  get #placeholders(): Placeholders {
    const place = (name: string): string => join(this.#folder, name);
    return { input: place("placeholder.c"), output: place("output"), dependencies: place("dependencies") };
  }

  #frontEnd(flags: readonly string[], output: Compilation["output"]): Promise<readonly [string, ...string[]]> {
    const key = JSON.stringify([flags, output]);
    const all = [...flags, "--no-default-config", "-ivfsoverlay", this.#overlayFile];
    const command =
      this.#commands.get(key) ??
      this.#run(this.#programs.clang, driverArguments({ flags: all, output }, this.#placeholders)).then(({ printed }) =>
        frontEndCommand(printed),
      );
    this.#commands.set(key, command);
    return command;
  }

  get #overlayFile(): string {
    return join(this.#folder, "overlay.json");
  }

  get #layerFolder(): string {
    return join(this.#folder, "layer");
  }

  #write(file: string): void {
    const text = this.#sources.read(file);
    if (text !== undefined) {
      const path = join(this.#layerFolder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  }

  #run(
    program: string,
    args: readonly string[],
    folder: string = this.#sources.folder,
  ): Promise<{ code: number | null; printed: string }> {
    if (this.#isClosed) {
      return Promise.reject(new Error("the workspace is closed"));
    }
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        cwd: folder,
        env: clangEnvironment(folder),
        stdio: ["ignore", "pipe", "pipe"],
      });
      this.#running.add(child);
      const printed: Buffer[] = [];
      child.stdout.on("data", (bytes: Buffer) => printed.push(bytes));
      child.stderr.on("data", (bytes: Buffer) => printed.push(bytes));
      child.on("error", (error) => {
        this.#running.delete(child);
        reject(new CompileError(`cannot run ${program}: ${reasonOf(error)}`));
      });
      child.on("close", (code, signal) => {
        this.#running.delete(child);
        const text = Buffer.concat(printed).toString("utf8");
        resolve({ code, printed: signal === null ? text : `error: ${program} was ended by ${signal}` });
      });
    });
  }
}

/**
 * Returns the description of a virtual file system for clang, in JSON, which is valid YAML: files above the tree's
 * folder, by path. A file that a patch removes becomes an empty folder, which no `#include` resolves to.
 */
function overlayOf(sources: SourceLayers, layerFolder: string): unknown {
  const folders = new Map<string, unknown[]>();
  for (const [file, text] of sources.overlay) {
    const folder = join(sources.folder, posix.dirname(file));
    const name = posix.basename(file);
    folders.set(folder, [
      ...(folders.get(folder) ?? []),
      text === undefined
        ? { type: "directory", name, contents: [] }
        : { type: "file", name, "external-contents": join(layerFolder, file) },
    ]);
  }
  return {
    version: 0,
    "case-sensitive": true,
    "use-external-names": false,
    roots: [...folders].map(([name, contents]) => ({ type: "directory", name, contents })),
  };
}
