/** The configurations that a tree is compiled for. */
import { ConfigError, formatConfig, type KernelConfig, parseConfig } from "../../model/kernel/config.ts";
import type { GateConfiguration } from "../tree/configuration.ts";

/** Every configuration, in the words of `--config`: Kconfig offers no-page-mapcount with mm-id only. */
export const GATE_CONFIGURATIONS: readonly string[] = [
  "page-mapcount,64bit,mm-id",
  "no-page-mapcount,64bit,mm-id",
  "page-mapcount,32bit,mm-id",
  "no-page-mapcount,32bit,mm-id",
  "page-mapcount,64bit,no-mm-id",
  "page-mapcount,32bit,no-mm-id",
];

/** @param words as for `--config`. @throws ConfigError for words that make no sense, or none to C code */
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

/** Each once, in the order in which they come first. @param words as for `--config`, each. @throws ConfigError as configurationOf() */
export function configurationsOf(words: readonly string[]): GateConfiguration[] {
  const all = words.map(configurationOf);
  return [...new Map(all.map((each) => [formatConfig(gateConfig(each)), each])).values()];
}

/** The model's configuration. MM_ID_MAPCOUNT_MAX is the kernel's own: C code has no small one. */
export function gateConfig({ pageMapcount, is64Bit, mmId }: GateConfiguration): KernelConfig {
  return parseConfig(
    [
      pageMapcount ? "page-mapcount" : "no-page-mapcount",
      is64Bit ? "64bit" : "32bit",
      mmId ? "mm-id" : "no-mm-id",
    ].join(),
  );
}
