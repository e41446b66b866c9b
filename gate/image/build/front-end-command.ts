/**
 * Clang's own command for a compilation, as its driver prints it. It is run without the driver, which wants every file on the
 * disk, and with the npm package takes a second to start.
 */
import { posix } from "node:path";
import { CompileError, firstErrors } from "../../compile/clang.ts";
import type { Compilation } from "./compiler.ts";

/** Files that stand in the command for those of a compilation. */
export interface Placeholders {
  /** A C file that exists, in a folder: the command has its path and its name. */
  readonly input: string;
  readonly output: string;
  readonly dependencies: string;
}

/** Arguments for the driver to print the command. */
export function driverArguments(
  { flags, output: kind }: Omit<Compilation, "file">,
  { input, output, dependencies }: Placeholders,
): readonly string[] {
  return [
    "-###",
    ...flags,
    ...["-MD", "-MT", "object", "-MF", dependencies],
    ...[kind === "object" ? "-c" : "-S", "-o", output, input],
  ];
}

/**
 * The command in what the driver prints: a program and its arguments.
 *
 * @throws CompileError when there is none, because an option is refused for instance
 */
export function frontEndCommand(printed: string): readonly [string, ...string[]] {
  const line = printed.split("\n").find((each) => each.includes(' "-cc1" '));
  if (line === undefined) {
    throw new CompileError(firstErrors(printed));
  }
  const [program = "", ...args] = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(?<= )[^" ]+/g)].map(
    ([word, quoted]) => quoted?.replace(/\\(.)/g, "$1") ?? word,
  );
  return [program, ...args];
}

/** The arguments of a command with the files of a compilation. */
export function withFiles(
  args: readonly string[],
  file: string,
  from: Placeholders,
  to: Omit<Placeholders, "input">,
): readonly string[] {
  const files = new Map([
    [from.input, file],
    [posix.basename(from.input), posix.basename(file)],
    [from.output, to.output],
    [from.dependencies, to.dependencies],
  ]);
  return args.map((each) => files.get(each) ?? each);
}
