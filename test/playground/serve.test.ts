/** The server of the playground. */
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PlaygroundServer, servePlayground } from "../../playground/serve.ts";
// Imported for its check of the build, which bundles the page and the worker.
import "../built-cli.ts";

let server: PlaygroundServer;

beforeAll(async () => {
  server = await servePlayground();
});
afterAll(() => server.close());

/** Sends a request as it is, which fetch() would normalise. @returns the status code */
function statusOf(path: string, options: { readonly method?: string; readonly host?: string } = {}): Promise<number> {
  const { port } = new URL(server.url);
  const { method = "GET", host = `127.0.0.1:${port}` } = options;
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe("the server of the playground", () => {
  test("the server listens on the loopback interface, on a free port", () => {
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  test.each([
    ["", "text/html; charset=utf-8"],
    ["index.html", "text/html; charset=utf-8"],
    ["page.css", "text/css; charset=utf-8"],
    ["page.js", "text/javascript; charset=utf-8"],
    ["worker.js", "text/javascript; charset=utf-8"],
    ["agent.c", "text/plain; charset=utf-8"],
    ["main.c", "text/plain; charset=utf-8"],
  ])("the file %j has the type %s, and a policy that forbids other origins", async (name, type) => {
    const response = await fetch(`${server.url}${name}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect((await response.text()).length).toBeGreaterThan(100);
  });

  test("only the worker may generate code", async () => {
    const policyOf = async (name: string): Promise<string | null> =>
      (await fetch(`${server.url}${name}`)).headers.get("content-security-policy");
    expect(await policyOf("worker.js")).toContain("'unsafe-eval'");
    expect(await policyOf("")).not.toContain("unsafe");
    expect(await policyOf("page.js")).not.toContain("unsafe");
  });

  test.each(["/serve.js", "/../serve.js", "/%2e%2e/serve.js", "/site/", "/page.js/", "//page.js", "/..%2fserve.js"])(
    "the path %s is no file of the playground",
    async (path) => {
      expect(await statusOf(path)).toBe(404);
    },
  );

  test("a path that is no URL is refused, and the server continues", async () => {
    expect(await statusOf("//")).toBe(404);
    expect(await statusOf("/")).toBe(200);
  });

  test("a request under the name of another host is refused", async () => {
    expect(await statusOf("/", { host: "rebound.example" })).toBe(403);
    expect(await statusOf("/", { host: "localhost:1" })).toBe(200);
  });

  test("the server answers to GET and HEAD, and to no other method", async () => {
    expect(await statusOf("/", { method: "HEAD" })).toBe(200);
    expect(await statusOf("/", { method: "POST" })).toBe(405);
    expect(await statusOf("/", { method: "PUT" })).toBe(405);
  });

  test("a port that is in use, or that does not exist, is an error in one line", async () => {
    const port = Number(new URL(server.url).port);
    await expect(servePlayground(port)).rejects.toThrow(`cannot listen on port ${port} of 127.0.0.1: `);
    await expect(servePlayground(70_000)).rejects.toThrow("cannot listen on port 70000 of 127.0.0.1: ");
  });
});
