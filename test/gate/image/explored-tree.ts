/** Explores images of the kernel source tree in FOLIOCHECK_KERNEL_TREE, with or without a mistake. */
import type { Patch } from "../../../gate/change/patch.ts";
import type { Bounds } from "../../../machines/machine.ts";
import { diagnosticText } from "../../../report/text/diagnostic.ts";
import { notCheckedText } from "../../../report/text/not-checked.ts";
import { imageJob } from "../../../verify/job/image-job.ts";
import type { PropertyReport } from "../../../verify/report/report.ts";
import { prepareJob, runJob } from "../../../verify/run.ts";
import { treeImage } from "./tree-image.ts";

/** The usual configuration of these images. */
export const CONFIG = "page-mapcount,32bit,mm-id";

/** Result of a search. */
interface Explored {
  readonly states: number;
  /** The violated properties. */
  readonly violations: readonly PropertyReport[];
}

/** Explores an image. The model does not run in lockstep. @throws Error for a search that is incomplete */
export async function explored(bounds: Bounds, patch?: Patch, config: string = CONFIG): Promise<Explored> {
  const image = await treeImage(config, patch, (bounds["preemptions"] ?? 0) > 0);
  const job = imageJob(image, { config, bounds: { lockstep: 0, ...bounds }, budget: {} });
  await prepareJob(job);
  const { verdict, states, properties, notChecked } = runJob(job);
  if (verdict === "incomplete") {
    throw new Error(`the search is incomplete: ${notChecked.map(notCheckedText).join("; ")}`);
  }
  return { states, violations: properties.filter((each) => each.verdict === "violated") };
}

/** Returns the violated properties of an image. */
export async function violated(
  bounds: Bounds,
  patch?: Patch,
  config: string = CONFIG,
): Promise<readonly PropertyReport[]> {
  return (await explored(bounds, patch, config)).violations;
}

/** Formats a property, with the report of kernel or harness, without places. */
export const shownAs = ({ id, trace }: PropertyReport): string =>
  trace?.warning === undefined ? id : `${id}: ${diagnosticText(trace.warning).replace(/ at \S+:\d+.*/, "")}`;
