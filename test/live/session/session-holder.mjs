/**
 * A process that holds a session, prints "ready" and performs operations until it is killed, like a command that ends
 * midway. Its argument is the session's options as JSON. Node runs it without a build, hence it imports the built
 * supervisor.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { openSession } from "../../../dist/live/session/supervisor.js";

const session = await openSession(JSON.parse(process.argv[2]));
await session.perform([
  { kind: "newMm", mm: 0 },
  { kind: "fork", parent: 0, child: 1 },
]);
console.log("ready");
for (;;) {
  await session.perform([0, 1].map((mm) => ({ kind: "unmap", mm, vma: 0, first: 0, count: 1 })));
  await sleep(10);
}
