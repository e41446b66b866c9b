/** The HTML report in a real browser. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { html } from "../../../report/html/html.ts";
import { rmapTrace } from "../fixtures.ts";
// Imported for its check of the build, which bundles the page.
import "../../built-cli.ts";
import { BROWSER_NOTE, DESKTOP, executablePath, PageLog, PHONE, startBrowser } from "./chromium.ts";
import { allPages, runWith } from "./pages.ts";
import { MOST_DIFFERENT, screenshotDifference } from "./screenshot.ts";

const KINDS = ["search", "suite", "race", "data race", "gate", "image", "replay", "live"];

describe.skipIf(executablePath === undefined)(`the HTML report in Chromium${BROWSER_NOTE}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "foliocheck-html-"));
  const urls = new Map<string, string>();
  let browser: Browser;
  let page: Page;
  let log: PageLog;

  const write = (name: string, text: string): void => {
    const path = join(folder, `${name.replaceAll(" ", "-")}.html`);
    writeFileSync(path, text);
    urls.set(name, pathToFileURL(path).href);
  };

  /** Opens a document at an address behind its `#`. */
  const open = async (name: string, address: string, size: typeof DESKTOP = DESKTOP): Promise<void> => {
    await page.setViewportSize(size);
    // Another document in between, because a change of the address alone does not load the page again.
    await page.goto("about:blank");
    log.clear();
    await page.goto(`${urls.get(name)}${address}`);
    await page.waitForSelector("h1");
  };

  const heading = (): Promise<string | null> => page.locator(".step-heading").first().textContent();

  beforeAll(async () => {
    for (const [name, text] of Object.entries(await allPages())) {
      write(name, text);
    }
    const one = { ...rmapTrace, claim: "</script><b>x</b>" };
    write("escapes", html(runWith([one]), {}));
    const many = Array.from({ length: 3000 }, (_, i) => ({ ...rmapTrace, bounds: { ...rmapTrace.bounds, pages: i } }));
    write("many", html(runWith(many), {}));
    browser = await startBrowser();
    const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
    page = await context.newPage();
    log = new PageLog(page);
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(KINDS)(
    "the %s report opens from disk without errors and without other requests, and fits a phone",
    async (kind) => {
      await open(kind, "#report");
      const width = (): Promise<unknown> => page.evaluate("document.documentElement.scrollWidth");
      expect(await page.locator("h1").textContent()).not.toBe("");
      await page.setViewportSize(PHONE);
      expect(await width()).toBe(PHONE.width);
      await page.locator("a[href^='#finding-']").first().click();
      await page.waitForSelector(".picture, .fields");
      expect(await width()).toBe(PHONE.width);
      expect(log.errors).toEqual([]);
      expect([...new Set(log.requests)]).toEqual([urls.get(kind)]);
    },
  );

  test.each([
    { kind: "gate", address: "", scheme: "light", size: DESKTOP },
    { kind: "image", address: "#finding-1", scheme: "light", size: DESKTOP },
    { kind: "search", address: "#finding-1", scheme: "light", size: DESKTOP },
    { kind: "data race", address: "#finding-1", scheme: "light", size: DESKTOP },
    { kind: "search", address: "#finding-5", scheme: "dark", size: PHONE },
  ] as const)(
    "axe finds nothing in the $kind report at $size.width pixels, $scheme",
    async ({ kind, address, scheme, size }) => {
      await page.emulateMedia({ colorScheme: scheme });
      await open(kind, address, size);
      const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html: node }) => node).join(" ")}`)).toEqual([]);
    },
  );

  test.each(
    [DESKTOP, PHONE].flatMap((size) => [
      { kind: "gate", address: "", size },
      { kind: "suite", address: "", size },
      { kind: "search", address: "#finding-1", size },
      { kind: "data race", address: "#finding-1", size },
      { kind: "image", address: "#finding-1", size },
    ]),
  )("the $kind report looks like its screenshot at $size.width pixels", async ({ kind, address, size }) => {
    await open(kind, address, size);
    expect(await screenshotDifference(page, `report ${kind} ${size.width}`)).toBeLessThan(MOST_DIFFERENT);
  });

  test("arrow keys walk through a trace, and each step has an address", async () => {
    await open("search", "#finding-1");
    expect(await heading()).toContain("3 mm 1 unmaps entries 2–3");
    await page.keyboard.press("ArrowLeft");
    expect(await heading()).toContain("2 mm 0 forks; mm 1 gets copies of its entries");
    expect(await page.evaluate("location.hash")).toBe("#finding-1/step-2");
    await page.keyboard.press("Home");
    expect(await heading()).toContain("0 initial state");
    await page.keyboard.press("ArrowLeft");
    expect(await heading()).toContain("0 initial state");
    await page.keyboard.press("End");
    expect(await heading()).toContain("3 mm 1 unmaps");
    expect(await page.locator("a.step").nth(1).getAttribute("href")).toBe("#finding-1/step-1");
    await open("search", "#finding-1/step-1");
    expect(await heading()).toContain("1 mm 0 touches entry 0; the kernel maps a new folio of 4 pages");
  });

  test("a step shows the same after moving back and forth", async () => {
    await open("search", "#finding-1");
    const state = page.locator("section.state");
    const before = await state.innerText();
    for (const key of ["ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowRight"]) {
      await page.keyboard.press(key);
    }
    expect(await state.innerText()).toBe(before);
    expect(await page.locator(".fields tr").allTextContents()).toEqual(["NR_ANON_MAPPED4"]);
  });

  test("a replay opens with its trace", async () => {
    await open("replay", "");
    expect(await heading()).toContain("3 mm 1 unmaps");
    await page.getByText("← foliocheck replay").click();
    // The page follows its address only after the click.
    await page.locator(".finding-claim").first().waitFor();
    expect(await page.locator(".finding-claim").count()).toBe(1);
  });

  test("the slider and the list of steps move through a trace, by keyboard too", async () => {
    await open("search", "#finding-1");
    await page.locator("input[type=range]").focus();
    await page.keyboard.press("ArrowLeft");
    expect(await heading()).toContain("2 mm 0 forks");
    await page.locator("a.step").first().focus();
    await page.keyboard.press("Enter");
    expect(await heading()).toContain("0 initial state");
    expect(await page.locator("a.step[aria-current=step]").count()).toBe(1);
  });

  test("a step shows what the kernel counts beside the truth, and what it changed", async () => {
    await open("search", "#finding-1");
    const card = (await page.locator("article.folio").first().innerText()).replaceAll(/\s+/g, " ");
    expect(card).toContain("mm 1 ✗ slot 1: 4 _mm_id_mapcount is 4, expected at most 2 4 → 2");
    expect(card).toContain("large mapcount 8 → 6 6");
    const picture = await page.locator(".picture").first().getAttribute("aria-label");
    expect(picture).toContain("mm 1: A0, A1, nothing (changed), nothing (changed)");
    expect(await page.locator(".calls").innerText()).toContain("folio_sub_return_large_mapcount(folio 0, 2, mm 1) = 6");
  });

  test("an interleaving has a column for each CPU, joins conflicting accesses, and shows memory at each step", async () => {
    await open("race", "#finding-1");
    expect(await page.locator(".lane-head b").allTextContents()).toEqual(["CPU 0", "CPU 1"]);
    expect(await page.locator(".arrow").count()).toBeGreaterThan(0);
    expect(await page.locator(".bar.takes").count()).toBeGreaterThan(0);
    const before = await heading();
    await page.keyboard.press("ArrowLeft");
    expect(await heading()).not.toBe(before);
    const row = await page.locator(".lane-row.current").boundingBox();
    expect((row?.y ?? Number.POSITIVE_INFINITY) + (row?.height ?? 0)).toBeLessThan(DESKTOP.height);
    expect(await page.locator(".row-text[aria-current=step]").count()).toBe(1);
    expect(await page.locator(".picture").count()).toBe(1);
  });

  test("the embedded lines of a function are behind its call", async () => {
    await open("image", "#finding-1");
    await page.locator(".source summary").first().click();
    expect(await page.locator(".source li.at").first().innerText()).toBe("static void example(void)");
    expect(await page.locator(".picture").count()).toBe(1);
  });

  test("the command that finds a trace again can be copied", async () => {
    await open("search", "#finding-1");
    await page.locator(".command button").first().click();
    await page.getByText("Copied").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toMatch(/^foliocheck check rmap --pages 4 /);
  });

  test("light and dark are switched by a button, in the report and in a finding", async () => {
    await page.emulateMedia({ colorScheme: "dark" });
    await open("search", "#finding-1");
    const background = (): Promise<unknown> => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const dark = await background();
    await page.getByRole("button", { name: "Use light colours" }).click();
    expect(await background()).not.toBe(dark);
    await page.getByText("← foliocheck check").click();
    expect(await background()).not.toBe(dark);
    await page.getByRole("button", { name: "Use dark colours" }).click();
    expect(await background()).toBe(dark);
    await page.emulateMedia({ colorScheme: "light" });
  });

  test("tables are sorted by a click on a heading", async () => {
    await open("suite", "");
    const first = (): Promise<string> =>
      page.locator("section:has(> h2:text-is('Claims')) tbody tr td").first().innerText();
    await page.locator("section:has(> h2:text-is('Claims')) th button").first().click();
    const ascending = await first();
    await page.locator("section:has(> h2:text-is('Claims')) th button").first().click();
    expect(await first()).not.toBe(ascending);
    expect(await page.locator("th[aria-sort=descending]").count()).toBe(1);
  });

  test("three thousand findings open within two seconds, and only the rows in view are drawn", async () => {
    const start = performance.now();
    await open("many", "");
    expect(performance.now() - start).toBeLessThan(2000);
    expect(await page.locator(".findings li").count()).toBeLessThan(40);
    await page.locator(".window").evaluate((window) => {
      window.scrollTop = window.scrollHeight;
    });
    await page.locator("a[href='#finding-3000']").click();
    expect(await heading()).toContain("3 mm 1 unmaps");
    expect(log.errors).toEqual([]);
  });

  test("all steps of a trace are printed", async () => {
    await open("search", "#finding-1");
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator(".printed-step .picture").count()).toBe(4);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await page.locator(".printed-step").count()).toBe(0);
  });

  test("text that ends a script element is shown as text", async () => {
    await open("escapes", "#finding-1");
    expect(await page.locator("h1").textContent()).toBe("</script><b>x</b>");
    expect(log.errors).toEqual([]);
  });
});
