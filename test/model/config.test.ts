import { describe, expect, it } from "vitest";
import { ConfigError, DEFAULT_CONFIG, formatConfig, parseConfig } from "../../model/kernel/config.ts";

describe("A kernel configuration", () => {
  it("is the usual one when nothing is said", () => {
    expect(parseConfig("")).toEqual(DEFAULT_CONFIG);
  });

  it.each([
    "page-mapcount,64bit,mm-id",
    "no-page-mapcount,64bit,mm-id",
    "page-mapcount,32bit,no-mm-id",
    "no-page-mapcount,32bit,mm-id,mm-id-mapcount-max=3",
  ])("reads back as it is written: %s", (text) => {
    expect(formatConfig(parseConfig(text))).toBe(text);
  });

  it.each([
    ["64bit,32bit", '"64bit" and "32bit" contradict each other'],
    ["page-mapcount,no-page-mapcount", "contradict"],
    ["mm-id,no-mm-id", "contradict"],
    ["32bit,mm-id-mapcount-max=1,mm-id-mapcount-max=2", "contradict"],
    ["16bit", 'unknown configuration "16bit"'],
    ["no-page-mapcount,no-mm-id", "needs mm-id"],
    ["mm-id-mapcount-max=3", "parameter of 32bit"],
    ["32bit,mm-id-mapcount-max=0", "out of range"],
  ])("cannot be %s", (text, reason) => {
    expect(() => parseConfig(text)).toThrow(ConfigError);
    expect(() => parseConfig(text)).toThrow(reason);
  });

  it("may say the same twice", () => {
    expect(parseConfig("32bit,32bit")).toEqual(parseConfig("32bit"));
  });
});
