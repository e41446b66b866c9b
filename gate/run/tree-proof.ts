/** The proof of owner tracking in a gate, after what is explored. */
import { makeTemporaryFolder, removeTemporaryFolder } from "../../files/temporary-folder.ts";
import { installedSolvers } from "../../proof/solver/solver.ts";
import type { NativeClang } from "../compile/native-clang.ts";
import { nativeUnits } from "../compile/native-units.ts";
import { NPM_UNITS } from "../compile/unit-compiler.ts";
import type { GateRunResult } from "./explore-units.ts";
import type { Finding } from "./findings.ts";
import { type GateProofResult, gateWithoutProof, proveUnits } from "./proof.ts";
import type { GateRequest } from "./request.ts";

/** How a gate proves. */
interface GateProofSettings {
  /** Whether `--no-proof` was not given. */
  readonly asked: boolean;
  readonly request: Pick<GateRequest, "only" | "judge">;
  /** The clang of this machine; that of the npm package when absent. */
  readonly native: NativeClang | undefined;
  readonly cacheFolder: string | undefined;
  readonly workers: number;
  /** Ends the proof when it is aborted: what is not proved by then is unknown. */
  readonly signal?: AbortSignal;
  readonly onBegin: () => void;
}

/**
 * Proves the units of a gate, unless part of the gate was left out. An interrupt leaves unknown what is not proved by
 * then.
 */
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
  const { native, cacheFolder, workers, signal = new AbortController().signal, onBegin } = settings;
  onBegin();
  const folder = makeTemporaryFolder();
  try {
    return await proveUnits(
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
