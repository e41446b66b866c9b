/** Explores images of the kernel source tree in FOLIOCHECK_KERNEL_TREE, with or without a mistake. */
import type { Patch } from "../../../gate/change/patch.ts";
import type { Bounds } from "../../../machines/machine.ts";
import { diagnosticText } from "../../../report/text/diagnostic.ts";
import { imageJob } from "../../../verify/job/image-job.ts";
import type { PropertyReport } from "../../../verify/report/report.ts";
import { prepareJob, runJob } from "../../../verify/run.ts";
import { treeImage } from "./tree-image.ts";

/** The configuration of these images. */
export const CONFIG = "page-mapcount,32bit,mm-id";

/** Returns the violated properties. The model does not run in lockstep. */
export async function violated(bounds: Bounds, patch?: Patch): Promise<readonly PropertyReport[]> {
  const image = await treeImage(CONFIG, patch, (bounds["preemptions"] ?? 0) > 0);
  const job = imageJob(image, { config: CONFIG, bounds: { lockstep: 0, ...bounds }, budget: {} });
  await prepareJob(job);
  const { verdict, properties } = runJob(job);
  if (verdict === "incomplete") {
    throw new Error("the search is incomplete");
  }
  return properties.filter((each) => each.verdict === "violated");
}

/** Formats a property, with the report of kernel or harness, without places. */
export const shownAs = ({ id, trace }: PropertyReport): string =>
  trace?.warning === undefined ? id : `${id}: ${diagnosticText(trace.warning).replace(/ at \S+:\d+.*/, "")}`;
