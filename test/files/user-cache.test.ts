import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { userCacheFolder } from "../../files/user-cache.ts";

test("the user's cache folder is in XDG_CACHE_HOME, which is ignored when it is empty or relative", () => {
  const usual = join(homedir(), ".cache", "foliocheck");
  expect(userCacheFolder({})).toBe(usual);
  expect(userCacheFolder({ XDG_CACHE_HOME: "" })).toBe(usual);
  expect(userCacheFolder({ XDG_CACHE_HOME: "cache" })).toBe(usual);
  expect(userCacheFolder({ XDG_CACHE_HOME: "/elsewhere" })).toBe("/elsewhere/foliocheck");
});
