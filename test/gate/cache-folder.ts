/** Where tests keep compiled modules: what they compile is the same from run to run. */
import { tmpdir } from "node:os";
import { join } from "node:path";

export const testCacheFolder: string = join(tmpdir(), "foliocheck-test-modules");
