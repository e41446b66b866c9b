import type { ViteUserConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Tests of more than a quarter of a minute of CPU time are in files of this name: `npm run test:all` runs them, too. */
const LONG = "test/**/*.long.test.ts";

/** The tenth of the quick files that takes longest: compiling C, starting processes, exploring. They come last. */
const LAST = [
  "explore/checkpoint",
  "explore/symmetry",
  "scenarios/faulty-kernels",
  "verify/variants",
  "verify/suite",
  "verify/state-counts",
  "gate/compile/compile",
  "cli/output-files",
  "cli/search-modes",
  "cli/reporters",
  "cli/bad-input",
  "package",
];

/** Nine tenths of the files first, so that most failures show within a minute. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number =>
      LAST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
    return [...files].sort((a, b) => rank(a) - rank(b) || (a.moduleId < b.moduleId ? -1 : 1));
  }
}

/** Two workers, each a process of its own: searches are bound by CPU and memory, and the explorer sets V8 flags. */
const config: ViteUserConfig = {
  test: {
    projects: [
      { extends: true, test: { name: "quick", include: ["test/**/*.test.ts"], exclude: [LONG] } },
      { extends: true, test: { name: "long", include: [LONG] } },
    ],
    sequence: { sequencer: QuickFirst },
    globalSetup: ["test/build-once.ts"],
    pool: "forks",
    maxWorkers: 2,
    // They only end what hangs: a test that takes 10 s takes minutes on a machine that is busy otherwise.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
};

export default config;
