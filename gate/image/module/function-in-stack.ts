/** The function that is running, from the call stack of the host. */

/** More frames than calls of an image nest. */
const MOST_FRAMES = 200;

/**
 * Returns the name of the innermost function among those given that is running; empty if there is none. A function that
 * the compiler inlined is part of the one around it.
 */
export function functionInStack(names: ReadonlySet<string>): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = MOST_FRAMES;
  const { stack = "" } = new Error();
  Error.stackTraceLimit = limit;
  const running = [...stack.matchAll(/^\s*at (\S+) \(wasm:/gm)].map(([, name = ""]) => name);
  return running.find((name) => names.has(name)) ?? "";
}
