/** Formats of numbers, independent of the host's locale. */

const COUNT = new Intl.NumberFormat("en-US");

/** Formats a count with thousands separators: `1,234,567`. */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** Formats a count with its noun: `1 state`, `2 states`. @param several the plural of an irregular noun */
export function plural(count: number, noun: string, several: string = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : several}`;
}

/** Formats a rounded number with a decimal prefix: `950 `, `12.3 k`, `3.4 M`. A unit follows without a space. */
export function formatScaled(value: number): string {
  const prefixes = ["", "k", "M", "G", "T"];
  let scaled = value;
  let prefix = 0;
  while (scaled >= 999.5 && prefix < prefixes.length - 1) {
    scaled /= 1000;
    prefix += 1;
  }
  return `${scaled.toFixed(prefix > 0 && scaled < 99.95 ? 1 : 0)} ${prefixes[prefix]}`;
}

/** Formats an amount of memory: `120 MB`. */
export function formatBytes(bytes: number): string {
  return `${formatScaled(bytes)}B`;
}

/** Formats a rate: `3.4 M transitions/s`. */
export function formatRate(perSecond: number, noun: string): string {
  return `${formatScaled(perSecond).trimEnd()} ${noun}`;
}

/** Formats a duration: `0.12 s`, `12.3 s`, `3 min 05 s`, `2 h 03 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.995) {
    return `${seconds.toFixed(2)} s`;
  }
  if (seconds < 99.95) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  return whole < 3600
    ? `${Math.floor(whole / 60)} min ${two(whole % 60)} s`
    : `${formatCount(Math.floor(whole / 3600))} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** Formats ascending numbers, with ranges: `0–3, 7`; `none` when empty. */
export function formatSet(numbers: readonly number[], separator: string = ", "): string {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] as number;
    if (numbers[i + 1] === value + 1) {
      continue;
    }
    const first = numbers[start] as number;
    parts.push(
      first === value ? String(value) : value === first + 1 ? `${first}${separator}${value}` : `${first}–${value}`,
    );
    start = i + 1;
  }
  return parts.length === 0 ? "none" : parts.join(separator);
}

/** Formats positions with their noun: `page 2`, `pages 0–3, 7`; `none` when empty. */
export function formatPositions(noun: string, positions: readonly number[]): string {
  return positions.length === 0 ? "none" : `${noun}${positions.length === 1 ? "" : "s"} ${formatSet(positions)}`;
}
