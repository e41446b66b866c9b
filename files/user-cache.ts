import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** The folder for caches of this user. Like an absent one, an empty or relative XDG_CACHE_HOME means ~/.cache. */
export function userCacheFolder(env: Readonly<NodeJS.ProcessEnv> = process.env): string {
  const base = env["XDG_CACHE_HOME"] ?? "";
  return join(isAbsolute(base) ? base : join(homedir(), ".cache"), "foliocheck");
}
