/** A folder in which recipes run: `foliocheck` is the real command, except that a gate is a small suite. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtCli } from "../built-cli.ts";

const RECIPES = fileURLToPath(new URL("../../docs/recipes/", import.meta.url));

/** Returns the text of a recipe. */
export function recipe(name: string): string {
  return readFileSync(join(RECIPES, name), "utf8");
}

/** Options of a gate that a suite has, too. */
const KEPT = ["--shard", "--reporter", "--no-progress"];

/**
 * Runs the suite instead of a gate, with the same options about shards and reports, and logs the arguments of both
 * commands as JSON lines. GATE_CODE is an exit code for gates instead.
 */
const FOLIOCHECK = `
import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
const args = process.argv.slice(2);
const patch = args.includes("-") ? readFileSync(0, "utf8") : "";
appendFileSync(process.env.CALLS, JSON.stringify({ args, patch }) + "\\n");
if (args[0] === "gate" && process.env.GATE_CODE !== undefined) {
  process.exit(Number(process.env.GATE_CODE));
}
const kept = args.flatMap((each, i) =>
  each === "--no-progress" ? [each] : ${JSON.stringify(KEPT)}.includes(each) ? [each, args[i + 1]] : []);
const suite = ["verify", "--only", "owner-tracking", "--variant", process.env.VARIANT ?? "v7.1", ...kept];
const { status } = spawnSync(process.execPath, [${JSON.stringify(builtCli)}, ...(args[0] === "gate" ? suite : args)], { stdio: "inherit" });
process.exit(status);
`;

/** Result of a script. */
interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A call of foliocheck. */
interface Call {
  readonly args: readonly string[];
  /** Standard input, if it is a patch. */
  readonly patch: string;
}

/** A temporary folder for one recipe. */
export class RecipeStage {
  readonly path: string = mkdtempSync(join(tmpdir(), "foliocheck-recipe-"));
  readonly #bin: string = join(this.path, ".bin");

  constructor() {
    mkdirSync(this.#bin);
    writeFileSync(join(this.#bin, "foliocheck.mjs"), FOLIOCHECK);
    this.program("foliocheck", `exec "${process.execPath}" "${join(this.#bin, "foliocheck.mjs")}" "$@"`);
    // Drops npx's own options: --yes --package ADDRESS.
    this.program("npx", 'shift 3\nexec "$@"');
  }

  /** Writes a program of shell for the PATH. */
  program(name: string, body: string): void {
    const file = join(this.#bin, name);
    writeFileSync(file, `#!/bin/sh\n${body}\n`);
    chmodSync(file, 0o755);
  }

  /** Runs a script of shell. @param env further variables @param input standard input */
  run(
    script: string,
    env: NodeJS.ProcessEnv = {},
    { input = "", args = [] }: { input?: string; args?: readonly string[] } = {},
  ): Finished {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", script, "recipe", ...args], {
      cwd: this.path,
      encoding: "utf8",
      input,
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: "/dev/null",
        CALLS: join(this.path, ".calls"),
        PATH: `${this.#bin}:${process.env["PATH"] ?? ""}`,
        ...env,
      },
    });
    return { code: status, out: stdout, err: stderr };
  }

  /** Creates a git repository with two commits, of which the second changes mm/memory.c. */
  repository(): void {
    mkdirSync(join(this.path, "mm"));
    const identity = "-c user.name=A -c user.email=a@example.org -c commit.gpgsign=false";
    const { code, err } = this.run(
      `git init -q -b main . && printf '.bin\\n.calls\\n' > .gitignore && echo 1 > mm/memory.c && git add . &&
       git ${identity} commit -qm one && echo 2 > mm/memory.c && git ${identity} commit -qam two`,
    );
    if (code !== 0) {
      throw new Error(err);
    }
  }

  /** The calls of foliocheck so far. */
  calls(): Call[] {
    const file = join(this.path, ".calls");
    return existsSync(file)
      ? readFileSync(file, "utf8")
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line) as Call)
      : [];
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
