/** Selection and build of the mm images of a gate. */

import { onOneLine } from "../../files/one-line.ts";
import { type NotChecked, notChecked } from "../../invariants/not-checked.ts";
import { formatConfig } from "../../model/kernel/config.ts";
import { UsageError } from "../../verify/request/usage-error.ts";
import { patched } from "../change/patch.ts";
import { CompileError } from "../compile/clang.ts";
import { missingForImage } from "../image/build/image-sources.ts";
import type { ImageBuilder, ImageTree } from "../image/image-builder.ts";
import { switchesStacks } from "../image/machine/image-machine.ts";
import type { ImageModule } from "../image/module/image-module.ts";
import { IMAGE_MACHINE } from "../image/world/image-bounds.ts";
import type { GateConfiguration } from "../tree/configuration.ts";
import { kernelTree } from "../tree/kernel-tree.ts";
import { gateConfig } from "../unit/configurations.ts";
import type { ConfiguredImage } from "./explore-images.ts";
import type { BaseImage } from "./image-base.ts";
import { hasImage, imageBounds, includesImages } from "./image-plan.ts";
import { imageNotExplored } from "./image-report.ts";
import type { GateRequest } from "./request.ts";

/** The tree of a gate, and its base. */
interface Input extends ImageTree {
  /** Folder of the base tree. Default: with a patch, the tree without it; else none. */
  readonly base?: string;
}

/** Images to explore, and reasons for the absence of others. */
export interface GateImages {
  readonly images: readonly ConfiguredImage[];
  readonly without: readonly NotChecked[];
  /** Returns the text of a file of the tree, with the patch applied. */
  readonly textOf: (file: string) => string | undefined;
}

/** Compares the image of a base with the tree's. */
async function baseImage(base: Promise<ImageModule>, own: Promise<ImageModule>): Promise<BaseImage> {
  try {
    const module = await base;
    return Buffer.compare(module.linkerOutput, (await own).linkerOutput) === 0
      ? { kind: "same" }
      : { kind: "compiled", module };
  } catch (error) {
    if (error instanceof CompileError) {
      return { kind: "refused", why: onOneLine(error.message) };
    }
    throw error;
  }
}

/**
 * Starts to build the images.
 *
 * @param isNeeded whether a shard explores the image of a configuration
 * @throws UsageError if only images are requested, and the tree lacks files for them
 */
export function gateImages(
  { base, ...own }: Input,
  configurations: readonly GateConfiguration[],
  request: GateRequest,
  builder: ImageBuilder,
  isNeeded: (configuration: GateConfiguration) => boolean = () => true,
): GateImages {
  const missing = missingForImage(own.tree);
  const why = !includesImages(request)
    ? "not asked for"
    : missing === undefined
      ? undefined
      : `the tree has no ${missing}`;
  if (missing !== undefined && request.only === IMAGE_MACHINE) {
    throw new UsageError(`nothing would be explored: there is no mm image of "${own.tree}", which has no ${missing}`);
  }
  if (why !== undefined) {
    return { images: [], without: [imageNotExplored(why)], textOf: () => undefined };
  }
  const baseTree = base ?? (own.patch === undefined ? undefined : own.tree);
  const without = configurations.filter((each) => !hasImage(each)).map((each) => formatConfig(gateConfig(each)));
  const switches = imageBounds(request).some(switchesStacks);
  const tree = kernelTree(own.tree);
  const textOf = own.patch === undefined ? tree.read : patched(tree, own.patch).read;
  return {
    textOf,
    images: configurations
      .filter((each) => hasImage(each) && isNeeded(each))
      .map((configuration): ConfiguredImage => {
        const module = builder.build(own, configuration, switches);
        // Avoids an unhandled rejection: the failure is reported where the module is awaited.
        module.catch(() => {});
        return {
          configuration,
          module,
          ...(baseTree === undefined
            ? {}
            : { base: () => baseImage(builder.build({ tree: baseTree }, configuration, switches), module) }),
        };
      }),
    without:
      without.length === 0
        ? []
        : [
            notChecked(
              `Whole files (mm images) in ${without.join(" and ")}`,
              "without mm-id there are no large folios; foliocheck image explores the others",
            ),
          ],
  };
}
