import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { CATALOGUE_REPORTERS } from "../../report/terminal/catalogue.ts";
import { catalogue } from "../../verify/catalogue.ts";

const known = catalogue();
const text = CATALOGUE_REPORTERS.pretty(known, { color: false });

/** The entries of a section by name: their texts, in one line each. */
function entriesOf(heading: string): ReadonlyMap<string, string> {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(heading));
  expect(start, `a section "${heading}" in\n${text}`).toBeGreaterThanOrEqual(0);
  const entries = new Map<string, string>();
  let last = "";
  for (const line of lines.slice(start + 1, lines.indexOf("", start))) {
    const [, name, rest = ""] = /^ {2}(\S+) {2,}(.*)$/.exec(line) ?? [];
    last = name ?? last;
    entries.set(last, name === undefined ? `${entries.get(last)} ${line.trim()}` : rest);
  }
  return entries;
}

const namesIn = (entries: readonly { readonly name: string }[]): string[] => entries.map(({ name }) => name);

describe("the catalogue for people", () => {
  test("has a section for each thing to ask for, with every name in it once, in order", () => {
    expect([...entriesOf("Machines").keys()]).toEqual(namesIn(known.machines));
    expect([...entriesOf("Claims").keys()]).toEqual(known.claims.map(({ id }) => id));
    expect([...entriesOf("Variants of v7.1").keys()]).toEqual(namesIn(known.variants));
    expect([...entriesOf("Profiles").keys()]).toEqual(namesIn(known.profiles));
    expect(text.split("\n").filter((line) => /^\S/.test(line))).toHaveLength(4);
  });

  test("says of a machine what its bounds are called and what they bound", () => {
    const machines = entriesOf("Machines");
    for (const { name, summary, bounds } of known.machines) {
      expect(machines.get(name)).toContain(summary);
      for (const bound of bounds) {
        expect(machines.get(name)).toContain(`${bound.name} (${bound.description})`);
      }
    }
  });

  test("gives each claim with its source, and says what the letters of the ids mean", () => {
    const claims = entriesOf("Claims");
    for (const { id, claim, source } of known.claims) {
      expect(claims.get(id)).toBe(`${claim} [${source}]`);
    }
    expect(text).toMatch(/^Claims \(C: holds in every state; W: must be reachable\)$/m);
  });

  test("says of a variant whether it is faulty, and which claim catches it", () => {
    const variants = entriesOf("Variants");
    for (const { name, summary, caughtBy } of known.variants) {
      const verdict = caughtBy === null ? "Fault-free: every claim holds" : `Faulty: caught by ${caughtBy}`;
      expect(variants.get(name)).toContain(`${summary}. ${verdict}`);
    }
  });

  test("gives the releases of Linux that have a bug", () => {
    const text = entriesOf("Variants").get("migrate-forgets-queue");
    expect(text).toMatch(/; in Linux … 6\.18\.2$/);
  });

  test("says of a profile what it is for and how many runs it has", () => {
    const profiles = entriesOf("Profiles");
    for (const { name, summary, runs } of known.profiles) {
      expect(profiles.get(name)).toBe(`${summary} (${runs} runs)`);
    }
  });

  test("keeps its lines within 100 columns, ends none with a space, and ends with one line break", () => {
    for (const line of text.split("\n")) {
      expect([...line].length, line).toBeLessThanOrEqual(100);
      expect(line).toBe(line.trimEnd());
    }
    expect(text).toMatch(/\S\n$/);
    expect(text).not.toContain("\n\n\n");
    expect(text).not.toContain("..");
  });

  test("is coloured only when asked, and says the same in colour", () => {
    const colored = CATALOGUE_REPORTERS.pretty(known, { color: true });
    expect(stripVTControlCharacters(text)).toBe(text);
    expect(colored).not.toBe(text);
    expect(stripVTControlCharacters(colored)).toBe(text);
  });
});

describe("the catalogue as JSON", () => {
  const json = CATALOGUE_REPORTERS.json(known, { color: true });
  const read = JSON.parse(json) as {
    [section: string]: { [field: string]: unknown }[];
  };
  const fieldsOf = (section: string): string[] => [
    ...new Set((read[section] ?? []).map((entry) => Object.keys(entry).sort().join(" "))),
  ];

  test("is the catalogue itself, readable, with a line break at the end", () => {
    expect(read).toEqual(known);
    expect(json).toMatch(/^\{\n {2}"[\s\S]*\}\n$/);
  });

  test("has one list for each thing to ask for, and the kernel that is checked by default", () => {
    expect(Object.keys(read).sort()).toEqual(["claims", "kernel", "machines", "profiles", "variants"]);
    expect(read["kernel"]).toBe("v7.1");
    expect(fieldsOf("machines")).toEqual(["bounds name summary"]);
    expect(fieldsOf("claims")).toEqual(["claim id source"]);
    expect(fieldsOf("variants")).toEqual([
      "base caughtBy faulty name summary",
      "base caughtBy faulty name summary versions",
    ]);
    expect(fieldsOf("profiles")).toEqual(["name runs summary"]);
  });

  test("has what a script needs to ask for a bound", () => {
    for (const { bounds } of known.machines) {
      for (const bound of bounds) {
        expect(Object.keys(bound).sort()).toEqual(["default", "description", "name", "values"]);
        expect(bound.values).toContain(bound.default);
      }
    }
  });

  test("has no name twice, and only names that stand for themselves", () => {
    const claims = known.claims.map(({ id }) => id);
    for (const names of [namesIn(known.machines), claims, namesIn(known.variants), namesIn(known.profiles)]) {
      expect(names.length).toBeGreaterThan(1);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test("names for each faulty variant a claim of the list, and none for a variant that is right", () => {
    const claims = known.claims.map(({ id }) => id);
    const bases = [known.kernel, ...namesIn(known.variants)];
    for (const { base, faulty, caughtBy } of known.variants) {
      expect(bases).toContain(base);
      expect(caughtBy !== null).toBe(faulty);
      expect(caughtBy === null || claims.includes(caughtBy)).toBe(true);
    }
    expect(new Set(known.variants.map(({ faulty }) => faulty)).size).toBe(2);
  });
});
