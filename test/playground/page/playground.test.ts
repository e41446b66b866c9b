/** The playground in a real browser. */
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { formatAddress, parseAddress } from "../../../playground/address/address.ts";
import type { Exploration } from "../../../playground/address/exploration.ts";
import { explorationOfTrace } from "../../../playground/address/of-trace.ts";
import { type PlaygroundServer, servePlayground } from "../../../playground/serve.ts";
import { replay } from "../../../verify/trace/replay.ts";
import { parseTrace } from "../../../verify/trace/trace-file.ts";
import { projectFolder } from "../../build-once.ts";
// Imported for its check of the build, which bundles the page and the worker.
import "../../built-cli.ts";
import { rmapTrace } from "../../report/fixtures.ts";
import { BROWSER_NOTE, DESKTOP, executablePath, PageLog, PHONE, startBrowser } from "../../report/html/chromium.ts";
import { MOST_DIFFERENT, screenshotDifference } from "../../report/html/screenshot.ts";

const C8 = explorationOfTrace(rmapTrace);
const C1: Exploration = {
  machine: "owner-tracking",
  kernel: "slot-1-without-shared",
  config: "",
  bounds: { pages: 4, mms: 3 },
  path: [],
};

const RACE: Exploration = {
  machine: "race",
  kernel: "v7.1",
  config: "",
  bounds: {},
  path: ["anonFault(1,0)", "step(1)", "speculativeReference(0)"],
};

/** Search of many minutes. */
const LARGE: Exploration = {
  machine: "swap",
  kernel: "v7.1",
  config: "",
  bounds: { pages: 8, mms: 4, smallFolios: 4, folios: 2 },
  path: [],
};

describe("the download of the playground", () => {
  test("page and worker are smaller than 600 KB, compressed", () => {
    const folder = `${projectFolder}/dist/playground/site`;
    const sizes = readdirSync(folder).map((name) => gzipSync(readFileSync(`${folder}/${name}`)).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(600_000);
  });
});

describe.skipIf(executablePath === undefined)(`the playground in Chromium${BROWSER_NOTE}`, () => {
  let server: PlaygroundServer;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let log: PageLog;

  beforeAll(async () => {
    server = await servePlayground();
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  beforeEach(async () => {
    context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"], viewport: DESKTOP });
    page = await context.newPage();
    log = new PageLog(page);
  });
  afterEach(async () => {
    expect(log.errors).toEqual([]);
    expect(log.requests.filter((url) => !/^(?:blob|data):/.test(url) && !url.startsWith(server.url))).toEqual([]);
    await context.close();
  });

  const open = async (exploration?: Exploration): Promise<void> => {
    await page.goto(`${server.url}${exploration === undefined ? "" : formatAddress(exploration)}`);
    await page.waitForSelector(".desk");
  };
  const heading = (): Promise<string | null> => page.locator(".step-heading").first().textContent();
  const headingIs = (text: string): Promise<void> => page.locator(".step-heading", { hasText: text }).first().waitFor();
  const inAddress = async (): Promise<Exploration | undefined> =>
    parseAddress((await page.evaluate("location.hash")) as string);
  const pageWidth = (): Promise<unknown> => page.evaluate("document.documentElement.scrollWidth");

  test("the first paint is within a second, and the initial state shows what can happen next", async () => {
    await open();
    const paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime";
    expect(await page.evaluate(paint)).toBeLessThan(1000);
    expect(await heading()).toBe("0 initial state");
    expect(await page.locator(".next h3").allTextContents()).toEqual(["mm 0", "mm 1"]);
  });

  test("a click takes an action, the address has the path, and a reload and the back button lead where they should", async () => {
    await open();
    await page.getByRole("button", { name: "mm 0 touches entry 0; the kernel maps a new folio of 4 pages" }).click();
    await headingIs("1 mm 0 touches entry 0");
    await page.getByRole("button", { name: "mm 0 forks; mm 1 gets copies of its entries" }).click();
    await headingIs("2 mm 0 forks");
    expect(await inAddress()).toMatchObject({ path: ["anonFault(0,0,4)", "fork(0,1)"] });
    await page.reload();
    await headingIs("2 mm 0 forks");
    await page.goBack();
    await headingIs("1 mm 0 touches entry 0");
    expect(await page.locator("a.step").count()).toBe(2);
  });

  test("a choice of the state before an action cannot be taken while that action is executed", async () => {
    await open();
    // Between the two clicks, the page renders (in a microtask), but no reply of the worker can arrive (a task).
    const attributes = await page.evaluate(`(async () => {
      const [first, second] = document.querySelectorAll(".next button");
      first.click();
      for (let i = 0; i < 10; i++) await Promise.resolve();
      second.click();
      return [first, second].map((each) => each.getAttribute("aria-disabled"));
    })()`);
    expect(attributes).toEqual(["true", "true"]);
    await headingIs("1 mm 0 forks");
    expect(await inAddress()).toMatchObject({ path: [expect.stringContaining("fork")] });
    expect(await page.locator(".next button").first().getAttribute("aria-disabled")).toBe("false");
  });

  test("the keyboard walks: it takes an action, moves through the steps, and stays where it was", async () => {
    await open();
    await page.locator(".next button").first().focus();
    await page.keyboard.press("Enter");
    await headingIs("1 mm 0 forks");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("What happens next?");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await headingIs("2 ");
    await page.keyboard.press("ArrowLeft");
    await headingIs("1 mm 0 forks");
    expect(await inAddress()).toMatchObject({ step: 1 });
    await page.keyboard.press("Home");
    await headingIs("0 initial state");
    await page.keyboard.press("End");
    await headingIs("2 ");
    expect(await page.locator("a.step").count()).toBe(3);
  });

  test("many choices of one action are folded, and say which claims they violate", async () => {
    await open({ ...C1, bounds: { pages: 64, mms: 2 }, path: ["map(0,1)"] });
    const summary = page.locator(".next summary", { hasText: "map in 64 ways" });
    expect(await summary.innerText()).toBe("map in 64 ways ✗ C1");
    await summary.click();
    await page.getByRole("button", { name: "mm 1 maps 17 pages of the folio" }).click();
    await headingIs("2 mm 1 maps 17 pages");
  });

  test("an action at an earlier step replaces the steps after it", async () => {
    await open({ ...C8, step: 1 });
    await page.getByText("A choice here replaces the steps after 1.").waitFor();
    await page.getByRole("button", { name: "mm 0 exits and unmaps everything" }).click();
    await headingIs("2 mm 0 exits");
    expect(await inAddress()).toMatchObject({ path: ["anonFault(0,0,4)", "exit(0)"] });
  });

  test("a step of the address that is impossible is named, with the reason, and the steps before it are shown", async () => {
    await open({ machine: "rmap", kernel: "v7.1", config: "", bounds: {}, path: ["exit(0)", "fork(0,1)", "exit(0)"] });
    expect(await heading()).toBe("1 mm 0 exits and unmaps everything");
    expect(await page.locator(".remark").innerText()).toBe(
      "Step 2 of the address is impossible under v7.1: fork(parent: 0, child: 1) is not enabled.",
    );
  });

  test("the playground finds the counterexample to C1 of a faulty kernel, and its trace file replays", async () => {
    await open(C1);
    await page.getByRole("button", { name: "Find it" }).click();
    await page.locator(".conclusion").waitFor();
    expect(await page.locator(".conclusion").innerText()).toContain(
      "✗ C1 A folio that is reported as mapped exclusively",
    );
    expect(await page.locator(".search-status").innerText()).toMatch(
      /^Found: 2 steps, as few as possible\. \d+ states/,
    );
    expect(await heading()).toBe("2 mm 1 maps 1 page of the folio");
    await page.getByRole("button", { name: "Trace JSON" }).click();
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download trace.json" }).click();
    const text = readFileSync(await (await waiting).path(), "utf8");
    expect(replay(parseTrace(text, "trace.json")).outcome).toEqual({ kind: "violated", step: 2 });
  });

  test("machine, kernel, configuration and bounds are chosen, and an impossible choice is refused in words", async () => {
    await open();
    await page.getByRole("combobox", { name: "Machine", exact: true }).selectOption("owner-tracking");
    await page.getByText("mm 2", { exact: true }).waitFor();
    await page.getByRole("combobox", { name: /^pages/ }).selectOption("2");
    await page.getByRole("combobox", { name: "Kernel", exact: true }).selectOption("slot-1-without-shared");
    await page.getByText("The suite catches this kernel by C1").waitFor();
    expect(await inAddress()).toMatchObject({
      machine: "owner-tracking",
      kernel: "slot-1-without-shared",
      bounds: { pages: 2, mms: 3 },
    });
    await page.getByLabel("CONFIG_64BIT").uncheck();
    await page.getByText("32bit", { exact: false }).first().waitFor();
    await page.getByLabel("CONFIG_MM_ID").uncheck();
    expect(await page.getByRole("alert").innerText()).toBe(
      "machine owner-tracking needs mm-id: without it there is nothing to track",
    );
  });

  test("each claim has its value, and a search for its violation ends with a sentence when there is none", async () => {
    await open({ ...C1, kernel: "v7.1", path: ["map(0,1)"] });
    expect(await page.locator(".claims > p").innerText()).toMatch(/^\d+ hold · \d+ premise false$/);
    await page.getByText("All 9 claims").click();
    expect(await page.locator(".claim-list li").first().innerText()).toMatch(
      /^C1\s+holds\s+find\s+A folio that is reported/,
    );
    await page.getByRole("button", { name: "Find a violation of C1" }).click();
    await page.getByText("There is none within these bounds: all 810 states visited.").waitFor();
  });

  test("a state whose fields have given values is found by a shortest path", async () => {
    await open({ ...C1, kernel: "v7.1" });
    await page.getByText("… fields have values").click();
    await page.getByLabel("Field 1").fill("mms[*].mapped");
    await page.getByLabel("Comparison 1").selectOption("≥");
    await page.getByLabel("Value 1").fill("3");
    await page.getByRole("button", { name: "and …" }).click();
    await page.getByLabel("Field 2").fill("folio.mmIdsShared");
    await page.getByLabel("Value 2").fill("yes");
    await page.locator(".condition").getByRole("button", { name: "Find", exact: true }).click();
    await page.getByText("Found: 2 steps").waitFor();
    await headingIs("2 mm ");
    await page.getByLabel("Field 2").fill("folio.nothing");
    await page.locator(".condition").getByRole("button", { name: "Find", exact: true }).click();
    await page.getByText('states have no field "folio.nothing"').waitFor();
  });

  test("a search from the state in view continues its steps", async () => {
    await open({ ...C1, path: ["map(2,4)", "unmap(2,2)"] });
    await page.getByLabel("start from the state in view").check();
    await page.locator(".claims summary").click();
    await page.getByRole("button", { name: "Find a violation of C1" }).click();
    await page.getByText("Found: 3 steps").waitFor();
    expect(await inAddress()).toMatchObject({ path: ["map(2,4)", "unmap(2,2)", expect.stringMatching(/^map/)] });
  });

  test("a long search shows its progress, can be stopped, and leaves the page usable meanwhile", async () => {
    await open(LARGE);
    await page.getByRole("button", { name: "Find", exact: true }).first().click();
    await page.getByText(/Searching … [\d,]+ states, /).waitFor();
    await page.locator(".next button").first().click();
    await headingIs("1 ");
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText(/^Stopped\. [\d,]+ states/).waitFor();
    expect(await page.getByRole("button", { name: "Stop" }).count()).toBe(0);
  });

  test("two kernels take the same steps side by side, and their differences are marked", async () => {
    await open(C8);
    await page.locator(".setting summary").click();
    await page.getByRole("combobox", { name: "Beside it", exact: true }).selectOption("v7.1");
    await page.getByText("Where the kernels differ").waitFor();
    expect(await page.locator(".differences tbody tr").allInnerTexts()).toEqual(["folios[0].slots[1].mapcount\t3\t1"]);
    expect(await page.locator(".kernel-state .conclusion").count()).toBe(1);
    const other = page.getByRole("region", { name: "State under v7.1" });
    expect(await other.locator(".change").allInnerTexts()).toContain("8 → 6");
    await page.getByLabel("where v7.1 differs").check();
    expect(await other.locator(".change").allInnerTexts()).toEqual(["slot 1: 4 → slot 1: 2"]);
    expect(await page.locator(".calls h3").allInnerTexts()).toEqual([`under ${C8.kernel}`, "under v7.1"]);
  });

  test("accesses of CPUs are interleaved by hand, with a column for each CPU", async () => {
    await open({ machine: "race", kernel: "v7.1", config: "", bounds: {}, path: [] });
    const cpu = (title: string) => page.getByRole("region", { name: title }).getByRole("button");
    await cpu("CPU 1").filter({ hasText: "mm 0 touches its memory" }).click();
    await cpu("CPU 1").filter({ hasText: "in anonFault(mm: 0)" }).click();
    await cpu("CPU 0").filter({ hasText: "someone takes a reference" }).click();
    await headingIs("3 CPU 0: speculativeReference() begins");
    expect(await page.locator(".lane-head b").allTextContents()).toEqual(["CPU 0", "CPU 1"]);
    await page.keyboard.press("ArrowLeft");
    await headingIs("2 CPU 1");
    expect(await inAddress()).toMatchObject({ step: 2 });
    await page.locator(".setting summary").click();
    await page.getByLabel(/^A bar between CPUs/).fill("exit(0) | zap(1, 0, 1)");
    await page.getByLabel("Before them").fill("anonFault(0); fork(0, 1)");
    await page.getByRole("button", { name: "Use these calls" }).click();
    await page.locator(".next", { hasText: "mm 1 unmaps entry 0" }).waitFor();
    expect(await page.locator(".next button").count()).toBe(2);
    expect(await inAddress()).toMatchObject({
      calls: { start: "anonFault(0); fork(0, 1)", cpus: "exit(0) | zap(1, 0, 1)" },
    });
  });

  test("a trace file is opened by a drop on the page, and one that cannot be opened is refused in words", async () => {
    await open();
    const drop = (text: string): Promise<void> =>
      page.evaluate((content) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([content], "trace.json"));
        dispatchEvent(new DragEvent("dragover", { dataTransfer, cancelable: true }));
        dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
      }, text);
    await drop(JSON.stringify(rmapTrace));
    await headingIs("3 mm 1 unmaps entries 2–3");
    expect(await page.locator(".conclusion").innerText()).toContain("C8");
    await drop("{}");
    expect(await page.getByRole("alert").innerText()).toContain("trace.json is not a foliocheck trace");
    await page.getByLabel("Trace file").setInputFiles({
      name: "other.json",
      mimeType: "application/json",
      buffer: Buffer.from(JSON.stringify({ ...rmapTrace, steps: rmapTrace.steps.slice(0, 2) })),
    });
    await headingIs("2 mm 0 forks");
  });

  test("the steps are exported as text for a mail and as a C program, or the page says why not", async () => {
    await open(C8);
    await page.getByRole("button", { name: "Text for a mail" }).click();
    await page.getByRole("button", { name: "Copy trace.txt" }).click();
    await page.getByText("Copied").waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toMatch(/^Counterexample to C8 in 3 steps\n/);
    await page.getByRole("button", { name: "C reproducer" }).click();
    await page.getByRole("button", { name: "Download repro.c" }).waitFor();
    expect(await page.locator(".exported").innerText()).toContain("Build and run, as root");
    await page.keyboard.press("Home");
    await page.locator(".exported").waitFor({ state: "detached" });
    await open(C1);
    await page.getByRole("button", { name: "C reproducer" }).click();
    await page.getByText("Not possible: machine owner-tracking has no page tables").waitFor();
  });

  test("light and dark are switched by a button, and the choice is kept", async () => {
    await page.emulateMedia({ colorScheme: "light" });
    await open();
    const background = (): Promise<unknown> => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.getByRole("button", { name: "Use dark colours" }).click();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.waitForSelector(".desk");
    expect(await background()).toBe(dark);
    await page.getByRole("button", { name: "Use light colours" }).click();
    expect(await background()).toBe(light);
  });

  test.each(["rmap", "owner-tracking", "migration", "struct-pages", "swap", "race"])(
    "machine %s fits a phone",
    async (machine) => {
      await page.setViewportSize(PHONE);
      await open({ machine, kernel: "v7.1", config: "", bounds: {}, path: [] });
      await page.locator(".next button").first().click();
      await headingIs("1 ");
      expect(await pageWidth()).toBe(PHONE.width);
    },
  );

  test.each([
    { name: "violation", exploration: C8, size: DESKTOP },
    { name: "violation", exploration: C8, size: PHONE },
    { name: "two kernels", exploration: { ...C8, against: "v7.1" }, size: DESKTOP },
    { name: "race", exploration: RACE, size: DESKTOP },
  ])(
    "the playground at $name looks like its screenshot, $size.width pixels wide",
    async ({ name, exploration, size }) => {
      await page.setViewportSize(size);
      await open(exploration);
      await page.locator(".picture").first().waitFor();
      expect(await screenshotDifference(page, `playground ${name} ${size.width}`)).toBeLessThan(MOST_DIFFERENT);
    },
  );

  test.each([
    { name: "the start", exploration: undefined, scheme: "light", size: DESKTOP },
    { name: "a violation", exploration: C8, scheme: "dark", size: DESKTOP },
    { name: "two kernels", exploration: { ...C8, against: "v7.1" }, scheme: "light", size: DESKTOP },
    { name: "a race", exploration: RACE, scheme: "light", size: DESKTOP },
    { name: "a race", exploration: RACE, scheme: "dark", size: PHONE },
    { name: "two kernels", exploration: { ...C8, against: "v7.1" }, scheme: "dark", size: PHONE },
  ] as const)("axe finds nothing at $name, $scheme, $size.width pixels wide", async ({ exploration, scheme, size }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize(size);
    await open(exploration);
    await page.getByText("… fields have values").click();
    await page.getByRole("button", { name: "and …" }).click();
    await page.locator(".claims summary").click();
    await page.getByRole("button", { name: "Text for a mail" }).click();
    await page.locator(".exported").waitFor();
    expect(await pageWidth()).toBe(size.width);
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html: node }) => node).join(" ")}`)).toEqual([]);
  });
});
