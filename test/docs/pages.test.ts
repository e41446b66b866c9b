/** Checks of the README and the pages of docs/: links, names of files, line lengths. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const read = (page: string): string => readFileSync(join(root, page), "utf8");

const docs = readdirSync(join(root, "docs"), { encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);
const pages = ["README.md", ...docs];

/** Returns the lines outside of code blocks, tables and indented commands. */
function proseOf(page: string): string[] {
  return read(page)
    .replaceAll(/^```[\s\S]*?^```$/gm, "")
    .split("\n")
    .filter((line) => !/^(?:\||\s*\| | {4})/.test(line));
}

/** Returns GitHub's anchor of a heading: `what-is-checked` for `What is checked`. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, "")
    .replaceAll(" ", "-");
}

/** Lists links to files of the repository and to headings. */
function linksOf(page: string): { link: string; path: string; anchor: string }[] {
  return [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !link.startsWith("https:"))
    .map((link) => {
      const [file = "", anchor = ""] = link.split("#");
      return { link, path: file === "" ? page : normalize(join(dirname(page), file)), anchor };
    });
}

function isBroken({ path, anchor }: { path: string; anchor: string }): boolean {
  if (!existsSync(join(root, path))) {
    return true;
  }
  const headings = [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));
  return anchor !== "" && !headings.includes(anchor);
}

/** Folders of the repository. A path with another first folder is a path of the kernel. */
const ROOMS = readdirSync(root, { encoding: "utf8", withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !/^\.|^(?:dist|node_modules)$/.test(entry.name))
  .map(({ name }) => name);

describe("the pages of the documentation", () => {
  test.each(pages)("%s has no link to a file or heading that does not exist", (page) => {
    const broken = linksOf(page).filter(isBroken);
    expect(broken.map(({ link }) => link)).toEqual([]);
  });

  test.each(pages)("%s names no file of the repository that does not exist", (page) => {
    const named = [...read(page).matchAll(new RegExp(`(?<![\\w/.-])(?:${ROOMS.join("|")})/[\\w./-]*\\w`, "g"))];
    const missing = named.map(([path]) => path).filter((path) => !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });

  test.each(pages)("%s wraps prose at 120 characters", (page) => {
    const tooLong = proseOf(page).filter((line) => [...line].length > 120);
    expect(tooLong).toEqual([]);
  });

  test("the README lists each page of docs/ once, in its reading order", () => {
    const list = read("README.md").split("## Read on")[1] ?? "";
    const listed = [...list.matchAll(/^\d+\. \[(docs\/\w[\w-]*\.md)\]/gm)].map(([, page]) => page);
    expect(listed.toSorted()).toEqual(docs.toSorted());
  });
});
