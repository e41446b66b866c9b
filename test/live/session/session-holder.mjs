/**
 * A process that has a session, says "ready" and goes on working until it is killed: what the command does to its agent
 * when it ends in the middle. Its argument is the session's options as JSON. Runs the built supervisor, as Node must run it as it is.
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
