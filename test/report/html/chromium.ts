/** A real browser for tests: Debian's package chromium, if it is installed. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Path of the browser; undefined if there is none on the PATH. */
export const executablePath: string | undefined = (process.env["PATH"] ?? "")
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find(isExecutable);

/** Suffix for the titles of tests that need the browser: says why they are skipped. */
export const BROWSER_NOTE: string =
  executablePath === undefined ? " (skipped: no Chromium on the PATH; Debian's package chromium has it)" : "";

/** Starts the browser. @throws Error if there is none */
export function startBrowser(): Promise<Browser> {
  if (executablePath === undefined) {
    throw new Error("there is no Chromium on the PATH");
  }
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** Errors and requests of a page, recorded while it is used: each list grows. */
export class PageLog {
  /** Errors and warnings on the console, and uncaught exceptions. */
  readonly errors: string[] = [];
  /** Addresses of all requests. */
  readonly requests: string[] = [];

  constructor(page: Page) {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        this.errors.push(message.text());
      }
    });
    page.on("pageerror", (error) => this.errors.push(error.message));
    page.on("request", (request) => this.requests.push(request.url()));
  }

  /** Forgets everything so far. */
  clear(): void {
    this.errors.length = 0;
    this.requests.length = 0;
  }
}

/** Sizes of the window of a desktop and a phone. */
export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };
