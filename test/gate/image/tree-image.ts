/** Builds images of the kernel source tree in FOLIOCHECK_KERNEL_TREE. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Patch } from "../../../gate/change/patch.ts";
import { ImageBuilder } from "../../../gate/image/image-builder.ts";
import type { ImageModule } from "../../../gate/image/module/image-module.ts";
import { configurationOf } from "../../../gate/unit/configurations.ts";
import { testCacheFolder } from "../cache-folder.ts";

/** Path of the tree; empty if there is none. */
export const TREE: string = process.env["FOLIOCHECK_KERNEL_TREE"] ?? "";

/** Returns version, patch level and sublevel of the tree. */
export function treeRelease(): string {
  const makefile = readFileSync(join(TREE, "Makefile"), "utf8");
  return ["VERSION", "PATCHLEVEL", "SUBLEVEL"]
    .map((name) => new RegExp(`^${name} = (\\d+)`, "m").exec(makefile)?.[1])
    .join(".");
}

/**
 * Builds the image of the tree with the available compiler.
 *
 * @param config words of a configuration
 * @param switches whether to compile it for stack switching, too
 */
export async function treeImage(config: string, patch?: Patch, switches = false): Promise<ImageModule> {
  const builder = new ImageBuilder({ clang: { kind: "auto" }, cacheFolder: testCacheFolder });
  try {
    return await builder.build(
      { tree: TREE, ...(patch === undefined ? {} : { patch }) },
      configurationOf(config),
      switches,
    );
  } finally {
    await builder.close();
  }
}
