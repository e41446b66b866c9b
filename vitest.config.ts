import type { ViteUserConfig } from "vitest/config";

/** Two workers, each a process of its own: searches are bound by CPU and memory, and the explorer sets V8 flags. */
const config: ViteUserConfig = {
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/build-once.ts"],
    pool: "forks",
    maxWorkers: 2,
    // They only end what hangs: a test that takes 10 s takes minutes on a machine that is busy otherwise.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
};

export default config;
