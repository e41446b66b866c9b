/** Parses messages of wasm-ld. */
import { CompileError, firstErrors } from "../../compile/clang.ts";

/** Returns the warnings, without the linker's name. */
export function linkerWarnings(messages: string): readonly string[] {
  return messages.split("\n").flatMap((line) => /\bwarning: (.*)/.exec(line)?.[1] ?? []);
}

/** Returns the error: undefined variables, each with the first object that uses it; else the first errors. */
export function linkError(messages: string): CompileError {
  const users = new Map<string, string>();
  for (const [, user = "", name = ""] of messages.matchAll(/ error: (\S+?)(?:\.o)?: undefined symbol: (\S+)/g)) {
    users.set(name, users.get(name) ?? user);
  }
  const list = [...users].map(([name, user]) => `${name} (${user})`);
  return new CompileError(
    list.length === 0 ? firstErrors(messages) : `no file defines the variables ${list.join(", ")}`,
  );
}
