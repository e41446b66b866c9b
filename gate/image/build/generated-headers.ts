/** Adds the headers that the kernel's build generates. */
import { posix } from "node:path";
import { autoconfHeader, type KernelOptions } from "./kernel-options.ts";
import { OWN_FOLDER, type SourceLayers } from "./source-layers.ts";
import { treeForms } from "./tree-forms.ts";

/** Folders of generic headers, used for headers that the architecture does not define. */
const GENERIC_FOLDERS: readonly string[] = ["uapi/asm-generic", "asm-generic"];

/** Generated from the tree's own kernel/bounds.c: see bounds-header.ts. */
export const BOUNDS_HEADER: string = posix.join(OWN_FOLDER, "generated/bounds.h");

/** Headers that are included without any use, but for the listed definitions. */
const FIXED: Readonly<Record<string, string>> = {
  "asm-offsets.h": "",
  "compile.h": "",
  "rq-offsets.h": "#define RQ_nr_pinned 0\n",
  "timeconst.h": "",
  "utsrelease.h": '#define UTS_RELEASE "image"\n',
  "utsversion.h": "",
};

/**
 * Adds the generated headers: the options, one-line headers for those of include/asm-generic and
 * include/uapi/asm-generic that our architecture lacks, and an empty bounds.h.
 */
export function addGeneratedHeaders(sources: SourceLayers, options: KernelOptions): void {
  for (const [name, text] of Object.entries(FIXED)) {
    sources.add(posix.join(OWN_FOLDER, "generated", name), text);
  }
  const forms = treeForms((file) => sources.read(file));
  sources.add(posix.join(OWN_FOLDER, "generated/autoconf.h"), autoconfHeader(options) + forms);
  sources.add(BOUNDS_HEADER, "");
  for (const folder of GENERIC_FOLDERS) {
    for (const name of sources.namesIn(posix.join("include", folder))) {
      const file = posix.join(OWN_FOLDER, "asm", name);
      if (name.endsWith(".h") && (sources.read(file) ?? GENERIC).startsWith(GENERIC)) {
        sources.add(file, `${GENERIC}${folder}/${name}>\n`);
      }
    }
  }
}

const GENERIC = "#include <";
