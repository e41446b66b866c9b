/** The configurations for which a tree is compiled. */
import { ConfigError, formatConfig, type KernelConfig, parseConfig } from "../../model/kernel/config.ts";
import type { GateConfiguration } from "../tree/configuration.ts";

/** All configurations, in the syntax of `--config`. Kconfig allows no-page-mapcount only with mm-id. */
export const GATE_CONFIGURATIONS: readonly string[] = [
  "page-mapcount,64bit,mm-id",
  "no-page-mapcount,64bit,mm-id",
  "page-mapcount,32bit,mm-id",
  "no-page-mapcount,32bit,mm-id",
  "page-mapcount,64bit,no-mm-id",
  "page-mapcount,32bit,no-mm-id",
];

/**
 * Parses a configuration.
 *
 * @param words words of `--config`
 * @throws ConfigError for invalid words, and for words that C code cannot be compiled for
 */
export function configurationOf(words: string): GateConfiguration {
  if (words.trim() === "") {
    throw new ConfigError(`"${words}" is no configuration; known are ${GATE_CONFIGURATIONS.join(" ")}`);
  }
  const config = parseConfig(words);
  const { pageMapcount, is64Bit, mmId } = config;
  const configuration = { pageMapcount, is64Bit, mmId };
  if (config.mmIdMapcountMax !== gateConfig(configuration).mmIdMapcountMax) {
    throw new ConfigError("mm-id-mapcount-max is for the model: C code has the limit that it has");
  }
  return configuration;
}

/**
 * Parses configurations, and removes duplicates; the order of first occurrences is preserved.
 *
 * @param words words of `--config`, for each configuration
 * @throws ConfigError as configurationOf()
 */
export function configurationsOf(words: readonly string[]): GateConfiguration[] {
  const all = words.map(configurationOf);
  return [...new Map(all.map((each) => [formatConfig(gateConfig(each)), each])).values()];
}

/** Returns the configuration of the model. MM_ID_MAPCOUNT_MAX is the kernel's: C code cannot have a small one. */
export function gateConfig({ pageMapcount, is64Bit, mmId }: GateConfiguration): KernelConfig {
  return parseConfig(
    [
      pageMapcount ? "page-mapcount" : "no-page-mapcount",
      is64Bit ? "64bit" : "32bit",
      mmId ? "mm-id" : "no-mm-id",
    ].join(),
  );
}
