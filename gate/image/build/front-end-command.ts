/**
 * Clang's internal `-cc1` command for a compilation, as the driver prints it. It runs without the driver, which
 * requires every file to be on the disk, and which takes a second to start in the npm package.
 */
import { posix } from "node:path";
import { CompileError, firstErrors } from "../../compile/clang.ts";
import type { Compilation } from "./compiler.ts";

/** Paths in the command that are replaced by those of a compilation. */
export interface Placeholders {
  /** Path of an existing C file, in a folder. The command contains the path and the base name. */
  readonly input: string;
  readonly output: string;
  readonly dependencies: string;
}

/** Returns the arguments with which the driver prints the command. */
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
 * Parses the command from the output of the driver: a program and its arguments.
 *
 * @throws CompileError when there is none, for instance because an option is rejected
 */
export function frontEndCommand(driverOutput: string): readonly [string, ...string[]] {
  const line = driverOutput.split("\n").find((each) => each.includes(' "-cc1" '));
  if (line === undefined) {
    throw new CompileError(firstErrors(driverOutput));
  }
  const [program = "", ...args] = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(?<= )[^" ]+/g)].map(
    ([word, quoted]) => quoted?.replace(/\\(.)/g, "$1") ?? word,
  );
  return [program, ...args];
}

/** Replaces the placeholders in the arguments of a command. */
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
