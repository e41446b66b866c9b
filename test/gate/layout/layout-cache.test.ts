import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LAYOUT_VARIANTS, type Layout, measureLayout, TARGETS } from "../../../gate/layout/measure.ts";
import { type CParser, cParser } from "../../../gate/tree/c-parser.ts";
import { ParsedFiles } from "../../../gate/tree/kernel-sources.ts";
import { kernelTree } from "../../../gate/tree/kernel-tree.ts";
import { newFolder, OWN_KERNEL } from "../tree-copy.ts";

describe("A measured layout", () => {
  const folder = newFolder();
  let parser: CParser;
  let parsed: ParsedFiles;
  let first: Layout;
  const [target] = TARGETS;
  const [variant] = LAYOUT_VARIANTS;
  const measured = async (): Promise<Layout> => {
    if (target === undefined || variant === undefined) {
      throw new Error("no target, or no variant");
    }
    return measureLayout(kernelTree(OWN_KERNEL), target, variant, parser, parsed, folder);
  };
  const entry = (): string => join(folder, readdirSync(folder).find((name) => name.startsWith("layout-")) ?? "none");

  beforeAll(async () => {
    parser = await cParser();
    parsed = new ParsedFiles(parser);
    first = await measured();
  });
  afterAll(() => parsed.delete());

  test("is cached, and the same when read from the cache", async () => {
    const written = readFileSync(entry());
    expect((await measured()).folio).toEqual(first.folio);
    expect(readFileSync(entry())).toEqual(written);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test("is measured again if its cache entry is damaged", async () => {
    const written = readFileSync(entry());
    const damaged = Buffer.from(written.toString("latin1").replace('"offset":8', '"offset":9'), "latin1");
    expect(damaged).not.toEqual(written);
    writeFileSync(entry(), damaged);
    expect((await measured()).folio).toEqual(first.folio);
    expect(readFileSync(entry())).toEqual(written);
  });
});
