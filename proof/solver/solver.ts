/** Solvers for SMT-LIB 2, each query in a process of its own: a solver that hangs or runs out of memory takes nothing along. */

import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { StopSignal } from "../../files/stop-signal.ts";

/** An answer. `unknown` is never taken for a proof. */
export type Answer =
  | { readonly kind: "unsat" }
  | { readonly kind: "sat"; readonly values: ReadonlyMap<string, bigint> }
  | { readonly kind: "unknown"; readonly why: string };

/** A solver. */
export interface Solver {
  readonly name: string;
  /** Name and version: part of the key of cached answers. */
  readonly version: string;
  /** Answers a query. */
  readonly solve: (query: string, seconds: number, signal?: StopSignal) => Promise<Answer>;
}

/** Names of solvers. */
export type SolverName = "z3" | "cvc5" | "z3-solver";

/** The order in which solvers are looked for. */
export const SOLVERS: readonly SolverName[] = ["z3", "cvc5", "z3-solver"];

interface Program {
  readonly command: string;
  readonly arguments: (seconds: number) => readonly string[];
  readonly version: () => string | undefined;
}

/** Runs the npm package. By itself its workers keep a process alive. @param url of the package */
function npmScript(url: string): string {
  return `
import { readFileSync } from "node:fs";
const { init } = await import(${JSON.stringify(url)});
const { Z3 } = await init();
const context = Z3.mk_context(Z3.mk_config());
process.stdout.write(await Z3.eval_smtlib2_string(context, readFileSync(0, "utf8")), () => process.exit(0));
`;
}

const PROGRAMS: { readonly [name in SolverName]: Program } = {
  z3: {
    command: "z3",
    arguments: (seconds) => ["-smt2", "-in", `-T:${Math.ceil(seconds)}`],
    version: () => firstLineOf("z3", ["--version"]),
  },
  cvc5: {
    command: "cvc5",
    arguments: (seconds) => ["--lang=smt2", `--tlimit=${Math.ceil(1000 * seconds)}`, "-"],
    version: () => firstLineOf("cvc5", ["--version"]),
  },
  "z3-solver": {
    command: process.execPath,
    arguments: () => ["--input-type=module", "--eval", npmScript(npmUrl() ?? "")],
    version: npmVersion,
  },
};

/** The solver with a name; undefined when it is not installed. */
export function solverNamed(name: SolverName): Solver | undefined {
  const program = PROGRAMS[name];
  const version = program.version();
  return version === undefined ? undefined : { name, version, solve: solving(program) };
}

/** The solvers that are asked unless others are chosen: z3 and cvc5 as far as they are on the PATH, else the npm package. */
export function installedSolvers(): Solver[] {
  const programs = (["z3", "cvc5"] as const).flatMap((name) => solverNamed(name) ?? []);
  return programs.length > 0 ? programs : [solverNamed("z3-solver")].flatMap((each) => each ?? []);
}

function firstLineOf(command: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? stdout.split("\n", 1)[0] : undefined;
}

/** The npm package is not a dependency of ours: it is taken where a user has it installed. */
function npmUrl(): string | undefined {
  try {
    return import.meta.resolve("z3-solver");
  } catch {
    return undefined;
  }
}

/** The package, and the version in its manifest. */
function npmVersion(): string | undefined {
  const url = npmUrl();
  if (url === undefined) {
    return undefined;
  }
  const folder = url.slice(0, url.lastIndexOf("z3-solver/") + "z3-solver/".length);
  const { version } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as { readonly version: string };
  return `z3-solver ${version}`;
}

/** Seconds that a process gets to end by itself after its time is up. */
const GRACE = 2;

function solving({ command, arguments: args }: Program): Solver["solve"] {
  return (query, seconds, signal) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, args(seconds), { stdio: ["pipe", "pipe", "pipe"] });
      const out: Buffer[] = [];
      const errors: Buffer[] = [];
      let isLate = false;
      const timer = setTimeout(
        () => {
          isLate = true;
          child.kill("SIGKILL");
        },
        1000 * (seconds + GRACE),
      );
      const stop = (): void => {
        child.kill("SIGKILL");
      };
      signal?.addEventListener("abort", stop, { once: true });
      child.stdout.on("data", (data: Buffer) => out.push(data));
      child.stderr.on("data", (data: Buffer) => errors.push(data));
      // It may end before it has read everything.
      child.stdin.on("error", () => {});
      child.on("error", reject);
      child.on("close", () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", stop);
        const text = Buffer.concat(out).toString("utf8");
        const complaint = Buffer.concat(errors).toString("utf8");
        resolve(isLate ? { kind: "unknown", why: `no answer within ${seconds} s` } : answerIn(text, complaint));
      });
      child.stdin.end(query);
    });
}

/** Reads what a solver prints. */
export function answerIn(text: string, complaint = ""): Answer {
  const lines = text.split("\n").map((line) => line.trim());
  const [verdict = ""] = lines;
  switch (verdict) {
    case "unsat":
      return { kind: "unsat" };
    case "sat":
      return { kind: "sat", values: valuesIn(text) };
    default: {
      const why = [verdict, complaint.split("\n", 1)[0] ?? ""].find((each) => each !== "" && each !== "unknown");
      return { kind: "unknown", why: why ?? "it does not know" };
    }
  }
}

/** The values of `(get-value …)`: bit vectors and truth values by name. */
function valuesIn(text: string): ReadonlyMap<string, bigint> {
  const values = new Map<string, bigint>();
  for (const [, quoted, plain, value = ""] of text.matchAll(
    /\((?:\|([^|]*)\||([^\s()|]+))\s+(#x[0-9a-f]+|#b[01]+|true|false|\(_ bv\d+ \d+\))\s*\)/g,
  )) {
    values.set(quoted ?? plain ?? "", numberIn(value));
  }
  return values;
}

function numberIn(text: string): bigint {
  const [, decimal] = /^\(_ bv(\d+) /.exec(text) ?? [];
  return text === "true"
    ? 1n
    : text === "false"
      ? 0n
      : decimal === undefined
        ? BigInt(`0${text.slice(1)}`)
        : BigInt(decimal);
}
