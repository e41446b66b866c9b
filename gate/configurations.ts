/** The configurations that a tree is compiled for. */
import { type KernelConfig, parseConfig } from "../model/config.ts";
import type { GateConfiguration } from "./compiled-kernel.ts";

/** Every configuration, in the words of `--config`: Kconfig offers no-page-mapcount with mm-id only. */
export const GATE_CONFIGURATIONS: readonly string[] = [
  "page-mapcount,64bit,mm-id",
  "no-page-mapcount,64bit,mm-id",
  "page-mapcount,32bit,mm-id",
  "no-page-mapcount,32bit,mm-id",
  "page-mapcount,64bit,no-mm-id",
  "page-mapcount,32bit,no-mm-id",
];

/** @param words as for `--config`. @throws ConfigError for words that make no sense */
export function configurationOf(words: string): GateConfiguration {
  const { pageMapcount, is64Bit, mmId } = parseConfig(words);
  return { pageMapcount, is64Bit, mmId };
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
