import { describe, expect, it } from "vitest";
import { ConfigError, DEFAULT_CONFIG, formatConfig, parseConfig } from "../../model/kernel/config.ts";

describe("A kernel configuration", () => {
  it("A kernel configuration is the default one when it is empty", () => {
    expect(parseConfig("")).toEqual(DEFAULT_CONFIG);
  });

  it.each([
    "page-mapcount,64bit,mm-id",
    "no-page-mapcount,64bit,mm-id",
    "page-mapcount,32bit,no-mm-id",
    "no-page-mapcount,32bit,mm-id,mm-id-mapcount-max=3",
  ])("parseConfig() and formatConfig() are inverse to each other: %s", (text) => {
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
  ])("A kernel configuration cannot be %s", (text, reason) => {
    expect(() => parseConfig(text)).toThrow(ConfigError);
    expect(() => parseConfig(text)).toThrow(reason);
  });

  it("A kernel configuration may repeat a word", () => {
    expect(parseConfig("32bit,32bit")).toEqual(parseConfig("32bit"));
  });
});
