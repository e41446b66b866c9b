/** Kernel configuration of the kernel under test. */
export interface KernelConfig {
  /** CONFIG_PAGE_MAPCOUNT: per-page mapcounts are maintained in large folios. Off: CONFIG_NO_PAGE_MAPCOUNT. */
  readonly pageMapcount: boolean;
  /** CONFIG_64BIT. */
  readonly is64Bit: boolean;
  /** CONFIG_MM_ID: MM owner tracking is built in. CONFIG_TRANSPARENT_HUGEPAGE selects it. */
  readonly mmId: boolean;
  /**
   * MM_ID_MAPCOUNT_MAX: the largest stored slot mapcount. INT_MAX on 64-bit, SHRT_MAX on 32-bit; a small value makes
   * the 32-bit overflow reachable within small bounds.
   */
  readonly mmIdMapcountMax: number;
}

/** MM_ID_MAPCOUNT_MAX on 64-bit: INT_MAX. */
const INT_MAX = 2 ** 31 - 1;
/** MM_ID_MAPCOUNT_MAX on 32-bit: SHRT_MAX. */
const SHRT_MAX = 2 ** 15 - 1;

/** Configuration of a distribution kernel: 64-bit, owner tracking, per-page mapcounts. */
export const DEFAULT_CONFIG: KernelConfig = {
  pageMapcount: true,
  is64Bit: true,
  mmId: true,
  mmIdMapcountMax: INT_MAX,
};

/** Thrown for an invalid configuration. The message is one line. */
export class ConfigError extends Error {}

/** Words that `parseConfig` accepts, for help texts. */
export const CONFIG_WORDS: readonly string[] = [
  "page-mapcount",
  "no-page-mapcount",
  "64bit",
  "32bit",
  "mm-id",
  "no-mm-id",
  "mm-id-mapcount-max=K",
];

/**
 * Parses a configuration from comma-separated words, such as `no-page-mapcount,32bit,mm-id-mapcount-max=3`. Omitted
 * options have the values of `usual`.
 *
 * @throws ConfigError for an unknown word, words that contradict each other, or a combination that Kconfig does not
 *   allow
 */
export function parseConfig(text: string, usual: KernelConfig = DEFAULT_CONFIG): KernelConfig {
  let { pageMapcount, is64Bit, mmId } = usual;
  let max: number | undefined;
  const wordOfTopic = new Map<string, string>();
  for (const word of text.split(",").filter((each) => each !== "")) {
    const topic = word
      .replace(/^no-/, "")
      .replace(/^(64|32)bit$/, "bits")
      .replace(/=.*/, "");
    const before = wordOfTopic.get(topic);
    if (before !== undefined && before !== word) {
      throw new ConfigError(`"${before}" and "${word}" contradict each other; want one of them`);
    }
    wordOfTopic.set(topic, word);
    const limit = /^mm-id-mapcount-max=(\d+)$/.exec(word);
    if (limit !== null) {
      max = Number(limit[1]);
    } else if (word === "page-mapcount" || word === "no-page-mapcount") {
      pageMapcount = word === "page-mapcount";
    } else if (word === "64bit" || word === "32bit") {
      is64Bit = word === "64bit";
    } else if (word === "mm-id" || word === "no-mm-id") {
      mmId = word === "mm-id";
    } else {
      throw new ConfigError(`unknown configuration "${word}"; known are ${CONFIG_WORDS.join(", ")}`);
    }
  }
  if (!pageMapcount && !mmId) {
    throw new ConfigError("no-page-mapcount needs mm-id: Kconfig offers it with CONFIG_TRANSPARENT_HUGEPAGE only");
  }
  if (max !== undefined && is64Bit) {
    throw new ConfigError("mm-id-mapcount-max is a parameter of 32bit; on 64bit a slot cannot overflow");
  }
  if (max !== undefined && (max < 1 || max > SHRT_MAX)) {
    throw new ConfigError(`mm-id-mapcount-max=${max} is out of range; want 1 … ${SHRT_MAX}`);
  }
  return { pageMapcount, is64Bit, mmId, mmIdMapcountMax: max ?? (is64Bit ? INT_MAX : SHRT_MAX) };
}

/** Formats a configuration in the words of `parseConfig`, which parses the result to an equal configuration. */
export function formatConfig(config: KernelConfig): string {
  const words = [
    config.pageMapcount ? "page-mapcount" : "no-page-mapcount",
    config.is64Bit ? "64bit" : "32bit",
    config.mmId ? "mm-id" : "no-mm-id",
  ];
  if (!config.is64Bit && config.mmIdMapcountMax !== SHRT_MAX) {
    words.push(`mm-id-mapcount-max=${config.mmIdMapcountMax}`);
  }
  return words.join(",");
}
