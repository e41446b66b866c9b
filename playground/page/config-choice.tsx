/** Choice of the kernel configuration. */
import type { JSX } from "preact";
import {
  ConfigError,
  DEFAULT_CONFIG,
  formatConfig,
  type KernelConfig,
  parseConfig,
} from "../../model/kernel/config.ts";

const OPTIONS: readonly (readonly [option: "pageMapcount" | "is64Bit" | "mmId", label: string])[] = [
  ["pageMapcount", "CONFIG_PAGE_MAPCOUNT"],
  ["is64Bit", "CONFIG_64BIT"],
  ["mmId", "CONFIG_MM_ID"],
];

/** MM_ID_MAPCOUNT_MAX that bounds of the machines can exceed; the usual one is SHRT_MAX on 32-bit. */
const SMALL_MAXIMA = [1, 2, 3, 7, 15];

/**
 * Shows the options.
 *
 * @param props.config configuration in the syntax of `--config`. One that an address has wrong is shown as the default
 */
export function ConfigChoice({
  config,
  onChoose,
}: {
  readonly config: string;
  readonly onChoose: (config: string) => void;
}): JSX.Element {
  const chosen = configOr(DEFAULT_CONFIG, config);
  const choose = (part: Partial<KernelConfig>): void => {
    const { mmIdMapcountMax: _, ...switches } = { ...chosen, ...part };
    const max = part.mmIdMapcountMax;
    const words = formatConfig({ ...parseConfig(switches.is64Bit ? "64bit" : "32bit"), ...switches });
    onChoose(max === undefined ? words : `${words},mm-id-mapcount-max=${max}`);
  };
  return (
    <fieldset class="config">
      <legend>Configuration</legend>
      {OPTIONS.map(([option, label]) => (
        <label key={option}>
          <input
            type="checkbox"
            checked={chosen[option]}
            onChange={(event) => choose({ [option]: event.currentTarget.checked })}
          />{" "}
          {label}
        </label>
      ))}
      {chosen.is64Bit ? null : (
        <label>
          MM_ID_MAPCOUNT_MAX{" "}
          <select
            value={SMALL_MAXIMA.includes(chosen.mmIdMapcountMax) ? chosen.mmIdMapcountMax : ""}
            onChange={(event) => {
              const { value } = event.currentTarget;
              choose(value === "" ? {} : { mmIdMapcountMax: Number(value) });
            }}
          >
            <option value="">SHRT_MAX</option>
            {SMALL_MAXIMA.map((max) => (
              <option key={max}>{max}</option>
            ))}
          </select>
        </label>
      )}
    </fieldset>
  );
}

function configOr(other: KernelConfig, words: string): KernelConfig {
  try {
    return parseConfig(words);
  } catch (error) {
    if (error instanceof ConfigError) {
      return other;
    }
    throw error;
  }
}
