import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { CATALOGUE_REPORTERS } from "../../report/terminal/catalogue.ts";
import { catalogue, entriesNamed } from "../../verify/catalogue.ts";

const catalogued = catalogue();
const text = CATALOGUE_REPORTERS.pretty(catalogued, { color: false, detailed: false });

/** Returns the entries of a section by name, with their texts in one line each. */
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
  test("the catalogue in text has a section for each kind of name, with every name once, in order", () => {
    expect([...entriesOf("Machines").keys()]).toEqual(namesIn(catalogued.machines));
    expect([...entriesOf("Claims").keys()]).toEqual(catalogued.claims.map(({ id }) => id));
    expect([...entriesOf("Variants of v7.1").keys()]).toEqual(namesIn(catalogued.variants));
    expect([...entriesOf("Profiles").keys()]).toEqual(namesIn(catalogued.profiles));
    expect(text.split("\n").filter((line) => /^\S/.test(line))).toHaveLength(4);
  });

  test("the catalogue in text lists the summary of each machine", () => {
    const machines = entriesOf("Machines");
    for (const { name, summary } of catalogued.machines) {
      expect(machines.get(name)).toBe(summary);
    }
  });

  test.each(catalogued.machines)("the entry of machine $name lists its bounds with values and meaning", (machine) => {
    const entry = CATALOGUE_REPORTERS.pretty(entriesNamed(catalogued, machine.name), { color: false, detailed: true });
    const words = entry.replace(/\s+/g, " ");
    for (const { name, description, values, default: standard } of machine.bounds) {
      const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      const row = new RegExp(`\\n {2}${option} +(${values[0]}.*?) {2,}${standard} {2}`).exec(entry);
      expect(row?.[1], entry).toMatch(new RegExp(`(?:^|[ ,…])${values.at(-1)}$`));
      expect(words).toContain(description.split(" ").slice(0, 4).join(" "));
    }
  });

  test("the entry of a claim has its source", () => {
    for (const { id, claim, source } of catalogued.claims) {
      const entry = CATALOGUE_REPORTERS.pretty(entriesNamed(catalogued, id), { color: false, detailed: true });
      expect(entry.replace(/\s+/g, " ")).toContain(`${id} ${claim} [${source}]`);
    }
  });

  test("an unknown name is refused", () => {
    expect(() => entriesNamed(catalogued, "no\nname")).toThrow(
      'nothing is named "no name"; foliocheck list prints all names',
    );
  });

  test("the catalogue in text lists each claim, and explains the letters of the ids", () => {
    const claims = entriesOf("Claims");
    for (const { id, claim } of catalogued.claims) {
      expect(claims.get(id)).toBe(claim);
    }
    expect(text).toMatch(/^Claims \(C: holds in every state; W: must be reachable\)$/m);
  });

  test("the catalogue in text marks faulty variants, with the claim that catches each", () => {
    const variants = entriesOf("Variants");
    for (const { name, summary, caughtBy } of catalogued.variants) {
      const verdict = caughtBy === null ? "Fault-free: every claim holds" : `Faulty: caught by ${caughtBy}`;
      expect(variants.get(name)).toContain(`${summary}. ${verdict}`);
    }
  });

  test("the catalogue in text has the releases of Linux that have a bug", () => {
    const text = entriesOf("Variants").get("migrate-forgets-queue");
    expect(text).toMatch(/; in Linux … 6\.18\.2$/);
  });

  test("the catalogue in text has the purpose of each profile and its number of runs", () => {
    const profiles = entriesOf("Profiles");
    for (const { name, summary, runs } of catalogued.profiles) {
      expect(profiles.get(name)).toBe(`${summary} (${runs} runs)`);
    }
  });

  test("the catalogue in text has lines of up to 100 columns without trailing spaces, and one line break at its end", () => {
    for (const line of text.split("\n")) {
      expect([...line].length, line).toBeLessThanOrEqual(100);
      expect(line).toBe(line.trimEnd());
    }
    expect(text).toMatch(/\S\n$/);
    expect(text).not.toContain("\n\n\n");
    expect(text).not.toContain("..");
  });

  test("the catalogue in text has colours only on request, and the same text with them", () => {
    const colored = CATALOGUE_REPORTERS.pretty(catalogued, { color: true, detailed: false });
    expect(stripVTControlCharacters(text)).toBe(text);
    expect(colored).not.toBe(text);
    expect(stripVTControlCharacters(colored)).toBe(text);
  });
});

describe("the catalogue as JSON", () => {
  const json = CATALOGUE_REPORTERS.json(catalogued, { color: true, detailed: false });
  const read = JSON.parse(json) as {
    [section: string]: { [field: string]: unknown }[];
  };
  const fieldsOf = (section: string): string[] => [
    ...new Set((read[section] ?? []).map((entry) => Object.keys(entry).sort().join(" "))),
  ];

  test("the catalogue as JSON is the indented catalogue, with a line break at its end", () => {
    expect(read).toEqual(catalogued);
    expect(json).toMatch(/^\{\n {2}"[\s\S]*\}\n$/);
  });

  test("the catalogue as JSON has a list for each kind of name, and the default kernel", () => {
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

  test("the catalogue as JSON has the option, range and default of each bound", () => {
    for (const { bounds } of catalogued.machines) {
      for (const bound of bounds) {
        expect(Object.keys(bound).sort()).toEqual(["default", "description", "name", "values"]);
        expect(bound.values).toContain(bound.default);
      }
    }
  });

  test("the catalogue as JSON has no name twice, and no alias", () => {
    const claims = catalogued.claims.map(({ id }) => id);
    for (const names of [
      namesIn(catalogued.machines),
      claims,
      namesIn(catalogued.variants),
      namesIn(catalogued.profiles),
    ]) {
      expect(names.length).toBeGreaterThan(1);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test("the catalogue as JSON has a claim for each faulty variant, and none for a fault-free one", () => {
    const claims = catalogued.claims.map(({ id }) => id);
    const bases = [catalogued.kernel, ...namesIn(catalogued.variants)];
    for (const { base, faulty, caughtBy } of catalogued.variants) {
      expect(bases).toContain(base);
      expect(caughtBy !== null).toBe(faulty);
      expect(caughtBy === null || claims.includes(caughtBy)).toBe(true);
    }
    expect(new Set(catalogued.variants.map(({ faulty }) => faulty)).size).toBe(2);
  });
});
