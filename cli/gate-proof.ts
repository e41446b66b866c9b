/** The proof of owner tracking in a gate, after what is explored. */
import { makeTemporaryFolder, removeTemporaryFolder } from "../files/temporary-folder.ts";
import type { NativeClang } from "../gate/compile/native-clang.ts";
import { nativeUnits } from "../gate/compile/native-units.ts";
import { NPM_UNITS } from "../gate/compile/unit-compiler.ts";
import type { GateRunResult } from "../gate/run/explore-units.ts";
import type { Finding } from "../gate/run/findings.ts";
import { type GateProofResult, gateWithoutProof, proveUnits } from "../gate/run/proof.ts";
import type { GateRequest } from "../gate/run/request.ts";
import { installedSolvers } from "../proof/solver/solver.ts";
import { untilInterrupted } from "./interrupts.ts";
import type { ProgressDisplay } from "./progress-display.ts";

/** How a gate proves. */
interface GateProofSettings {
  /** Whether `--no-proof` was not given. */
  readonly asked: boolean;
  readonly request: Pick<GateRequest, "only" | "judge">;
  /** The clang of this machine; that of the npm package when absent. */
  readonly native: NativeClang | undefined;
  readonly cacheFolder: string | undefined;
  readonly workers: number;
  readonly display: ProgressDisplay;
}

/** Proves the units of a gate, unless part of the gate was left out. An interrupt leaves unknown what is not proved by then. */
export async function gateProof(
  { units, outcomes, base }: GateRunResult,
  isAccepted: (finding: Finding) => boolean,
  settings: GateProofSettings,
): Promise<GateProofResult> {
  const isInterrupted = outcomes.some(({ report }) => report.stopped === "interrupted");
  const why = isInterrupted ? "interrupted" : reasonToLeaveOut(settings);
  if (why !== undefined) {
    return gateWithoutProof(why);
  }
  const { native, cacheFolder, workers, display } = settings;
  display.show("proving owner tracking for any number of MMs");
  const folder = makeTemporaryFolder();
  try {
    return await untilInterrupted({ onInterrupt: () => display.sayInterrupted() }, (signal) =>
      proveUnits(
        units.map(({ fast }) => fast.unit),
        base?.map((each) => each.base),
        isAccepted,
        {
          solvers: installedSolvers(),
          workers,
          signal,
          compiler: native === undefined ? NPM_UNITS : nativeUnits(native, folder),
          ...(cacheFolder === undefined ? {} : { cacheFolder }),
        },
      ),
    );
  } finally {
    removeTemporaryFolder(folder);
  }
}

function reasonToLeaveOut({ asked, request: { only, judge } }: GateProofSettings): string | undefined {
  return !asked
    ? "left out by --no-proof"
    : only !== undefined
      ? "left out by --only"
      : judge === "conformance"
        ? "--judge conformance does not ask"
        : undefined;
}
