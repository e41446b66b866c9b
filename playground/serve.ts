/** Server of the playground's static files, on the loopback interface. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { reasonOf } from "../files/error-reason.ts";
import { UsageError } from "../verify/request/usage-error.ts";

const HOST = "127.0.0.1";

/** Folder of the files, which `npm run build` writes; sources are run beside it. */
const SITE = new URL(import.meta.url.endsWith(".ts") ? "../dist/playground/site/" : "./site/", import.meta.url);

/** Names and types of the files. Nothing else is served. */
const TYPES: { readonly [name: string]: string } = {
  "index.html": "text/html; charset=utf-8",
  "page.css": "text/css; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
  "worker.js": "text/javascript; charset=utf-8",
  "agent.c": "text/plain; charset=utf-8",
  "main.c": "text/plain; charset=utf-8",
};

/** Only the worker generates code: the loops of the search. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
const WORKER_POLICY = "default-src 'none'; script-src 'self' 'unsafe-eval'; connect-src 'self'";

/** A running server. */
export interface PlaygroundServer {
  /** Address of the page. */
  readonly url: string;
  /** Ends the server and its connections. */
  readonly close: () => Promise<void>;
}

/**
 * Starts the server.
 *
 * @param port 0 for a free one
 * @throws UsageError when the port is in use, or not permitted
 */
export async function servePlayground(port = 0): Promise<PlaygroundServer> {
  const files = new Map(Object.keys(TYPES).map((name) => [name, readFileSync(new URL(name, SITE))]));
  const server = createServer((request, response) => {
    answer(request, response, files);
  });
  try {
    server.listen(port, HOST);
    await once(server, "listening");
  } catch (error) {
    throw new UsageError(`cannot listen on port ${port} of ${HOST}: ${reasonOf(error)}`);
  }
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(request: IncomingMessage, response: ServerResponse, files: ReadonlyMap<string, Uint8Array>): void {
  const [path = ""] = (request.url ?? "").split("?");
  const name = path === "/" ? "index.html" : path.slice(1);
  const file = files.get(name);
  const refusal = refusalOf(request, file);
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("Cache-Control", "no-store");
  if (file === undefined || refusal !== undefined) {
    response.writeHead(refusal ?? 404, { "Content-Type": "text/plain" }).end();
    return;
  }
  response.writeHead(200, {
    "Content-Type": TYPES[name],
    "Content-Length": file.length,
    "Content-Security-Policy": name === "worker.js" ? WORKER_POLICY : POLICY,
  });
  response.end(request.method === "HEAD" ? undefined : file);
}

/** Returns the status code of a refusal. Pages of other sites can reach this server by a name of their own. */
function refusalOf({ method, headers }: IncomingMessage, file: Uint8Array | undefined): number | undefined {
  const host = (headers.host ?? "").replace(/:\d+$/, "");
  if (host !== HOST && host !== "localhost") {
    return 403;
  }
  if (method !== "GET" && method !== "HEAD") {
    return 405;
  }
  return file === undefined ? 404 : undefined;
}
