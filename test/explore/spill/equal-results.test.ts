/** Compares searches that move states to disk with searches in memory. */
import { describe, expect, it } from "vitest";
import { compile } from "../../../explore/search/compile.ts";
import { type SearchResult, search } from "../../../explore/search/search.ts";
import { faultyToys, soundToys } from "../../toys/all.ts";
import { counterGrid } from "../../toys/counter-grid.ts";
import { type MemoryFile, spilling } from "./memory-file.ts";

function outcomeOf(run: () => SearchResult): unknown {
  try {
    const { seconds, resumedAt, tableBytes, ...rest } = run();
    return rest;
  } catch (error) {
    return { thrown: String(error), ...(error as object) };
  }
}

describe.each([
  { symmetry: false, allViolations: false },
  { symmetry: true, allViolations: false },
  { symmetry: false, allViolations: true },
  { symmetry: true, allViolations: true },
])("symmetry: $symmetry, all violations: $allViolations", (options) => {
  it.each([...soundToys, ...faultyToys])("a search of $name with states on disk has the result of one in memory", (each) => {
    each.with((model) => {
      const files: MemoryFile[] = [];
      const machine = compile(model);
      const inMemory = outcomeOf(() => search(machine, options));
      expect(outcomeOf(() => search(machine, { ...options, ...spilling(machine, files) }))).toEqual(inMemory);
      console.log(each.name, (inMemory as any).states, files[0]?.written, files[0]?.read);
    });
  });
});

it("grid", () => {
  const model = counterGrid(3, 30);
  const files: MemoryFile[] = [];
  const a = outcomeOf(() => search(compile(model), spilling(compile(model), files)));
  expect(a).toEqual(outcomeOf(() => search(compile(model))));
  console.log(files[0]?.written, files[0]?.read);
});
