/** Folder of the tests' cache of compiled modules, which are the same in every run. */
import { tmpdir } from "node:os";
import { join } from "node:path";

export const testCacheFolder: string = join(tmpdir(), "foliocheck-test-modules");
