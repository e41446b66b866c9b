// Preloaded by a command: its threads that expand states end, or use up their memory, at their 30th chunk.
import { isMainThread, workerData } from "node:worker_threads";

if (!isMainThread && workerData?.outline !== undefined) {
  const { add } = Atomics;
  let calls = 0;
  Atomics.add = (array, index, value) => {
    calls += 1;
    if (calls === 30) {
      fail();
    }
    return add(array, index, value);
  };
}

function fail() {
  if (process.env.LOST_WORKER === "exit") {
    process.exit(9);
  }
  for (const arrays = []; ; ) {
    arrays.push(new Array(1000).fill(arrays));
  }
}
