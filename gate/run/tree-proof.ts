/** Proof of owner tracking in a gate, after the exploration. */
import type { StopSignal } from "../../files/stop-signal.ts";
import { makeTemporaryFolder, removeTemporaryFolder } from "../../files/temporary-folder.ts";
import { ANSWER_SECONDS } from "../../proof/solver/panel.ts";
import { installedSolvers, type Solver } from "../../proof/solver/solver.ts";
import type { NativeClang } from "../compile/native-clang.ts";
import { nativeUnits } from "../compile/native-units.ts";
import { NPM_UNITS } from "../compile/unit-compiler.ts";
import type { GateRunResult } from "./explore-units.ts";
import { type GateProofResult, gateWithoutProof, proveUnits } from "./proof.ts";
import type { GateRequest } from "./request.ts";

/** Settings of the proof in a gate. */
interface GateProofSettings {
  /** Whether the proof is requested: false for `--no-proof`. */
  readonly isRequested: boolean;
  /** Whether another shard proves. */
  readonly isElsewhere: boolean;
  /** The installed ones if absent. */
  readonly solvers?: readonly Solver[];
  /** Time limit of one solver query, in seconds. */
  readonly solverTimeout?: number;
  readonly request: Pick<GateRequest, "only" | "judge">;
  /** The clang installed on this host; undefined for that of the npm package. */
  readonly native: NativeClang | undefined;
  readonly cacheFolder: string | undefined;
  readonly workers: number;
  /** Ends the proof when aborted: obligations that are not yet decided are unknown. */
  readonly signal?: StopSignal;
  readonly onBegin: () => void;
}

/**
 * Proves the units of a gate, unless the gate is restricted to other parts or was interrupted. An interrupt of the
 * proof leaves the remaining obligations unknown.
 */
export async function gateProof(
  { units, outcomes, bases }: GateRunResult,
  settings: GateProofSettings,
): Promise<GateProofResult> {
  const isInterrupted = outcomes.some(({ report }) => report.stopped === "interrupted");
  const why = isInterrupted ? "interrupted" : reasonToLeaveOut(settings);
  if (why !== undefined) {
    return gateWithoutProof(why);
  }
  const { native, cacheFolder, workers, signal = new AbortController().signal } = settings;
  const { solvers = installedSolvers(), solverTimeout = ANSWER_SECONDS } = settings;
  settings.onBegin();
  const folder = makeTemporaryFolder();
  try {
    return await proveUnits(
      units.map(({ fast }) => fast.unit),
      bases,
      {
        solvers,
        timeout: solverTimeout,
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

function reasonToLeaveOut({
  isRequested,
  isElsewhere,
  request: { only, judge },
}: GateProofSettings): string | undefined {
  return !isRequested
    ? "left out by --no-proof"
    : only !== undefined
      ? "left out by --only"
      : judge === "conformance"
        ? "left out by --judge conformance"
        : isElsewhere
          ? "in another shard"
          : undefined;
}
