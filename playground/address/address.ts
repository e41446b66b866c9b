/**
 * Address of an exploration, behind the `#` of the page:
 * `#machine=rmap&kernel=v7.1&bounds=pages:4,mms:2&path=anonFault(0,0,4);fork(0,1)&step=1`.
 */
import type { Exploration } from "./exploration.ts";

/** Formats an address. */
export function formatAddress(exploration: Exploration): string {
  const { machine, kernel, against, config, bounds, calls, path, step } = exploration;
  const boundTexts = Object.entries(bounds).map(([name, value]) => `${name}:${value}`);
  const parts: readonly (readonly [name: string, value: string | undefined])[] = [
    ["machine", machine],
    ["kernel", kernel],
    ["against", against],
    ["config", config === "" ? undefined : config],
    ["bounds", boundTexts.length === 0 ? undefined : boundTexts.join(",")],
    ["start", calls === undefined || calls.start === "" ? undefined : calls.start],
    ["cpus", calls?.cpus],
    ["path", path.length === 0 ? undefined : path.join(";")],
    ["step", step === undefined ? undefined : String(step)],
  ];
  return `#${parts.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encoded(value)}`])).join("&")}`;
}

/** Encodes a value, and leaves the punctuation of calls and bounds readable. */
function encoded(value: string): string {
  return encodeURIComponent(value).replaceAll(/%(?:2C|3A|3B|3D)/g, (code) => decodeURIComponent(code));
}

/** Parses an address; undefined if it is none. Whether its names exist is checked when it is executed. */
export function parseAddress(hash: string): Exploration | undefined {
  const values = new URLSearchParams(hash.replace(/^#/, "").replaceAll("+", "%2B"));
  const [machine, kernel] = [values.get("machine"), values.get("kernel")];
  if (machine === null || kernel === null) {
    return undefined;
  }
  const against = values.get("against");
  const step = values.get("step");
  const cpus = values.get("cpus");
  return {
    machine,
    kernel,
    ...(against === null ? {} : { against }),
    config: values.get("config") ?? "",
    bounds: parseBounds(values.get("bounds") ?? ""),
    ...(cpus === null ? {} : { calls: { start: values.get("start") ?? "", cpus } }),
    path: (values.get("path") ?? "").split(";").filter((call) => call !== ""),
    ...(step === null || !/^\d+$/.test(step) ? {} : { step: Number(step) }),
  };
}

function parseBounds(text: string): { readonly [name: string]: number } {
  return Object.fromEntries([...text.matchAll(/(\w+):(\d+)/g)].map(([, name, value]) => [name, Number(value)]));
}
