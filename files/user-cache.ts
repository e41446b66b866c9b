import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/**
 * The folder of caches of the current user. An empty or relative XDG_CACHE_HOME is ignored: the default is ~/.cache.
 */
export function userCacheFolder(env: Readonly<NodeJS.ProcessEnv> = process.env): string {
  const base = env["XDG_CACHE_HOME"] ?? "";
  return join(isAbsolute(base) ? base : join(homedir(), ".cache"), "foliocheck");
}
