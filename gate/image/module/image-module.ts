/** An image as an executable WebAssembly module. */
import { createHash } from "node:crypto";
import { CacheEntry } from "../../../files/cache-entry.ts";
import type { SourceFunction } from "../../module/debug-info/compiled-scopes.ts";
import { withFuel } from "../../module/fuel.ts";
import { withoutTable64 } from "../../module/memory64.ts";
import { type WasmModule, wasm } from "../../module/web-assembly.ts";
import type { KernelImage } from "../build/kernel-image.ts";
import { type ImageLayout, STACK_BYTES } from "../build/link-flags.ts";
import { OWN_FOLDER } from "../build/source-layers.ts";
import { type CallLog, withCallLog } from "./call-log.ts";
import type { CoverageMap } from "./coverage.ts";
import { withCoverageMarks } from "./coverage-marks.ts";
import { type MarkLayout, withDirtyMarks } from "./dirty-marks.ts";
import { loadBinaryen, stackSwitchingVersion, withStackSwitching } from "./stack-switching.ts";

/**
 * Address of the data of an image. It is so large that a word with a value in the range of the data is a pointer, never
 * a number.
 */
const DATA_START = 0x2a00_0000;

/** Address of the coverage marks, in the unused range between stack and data. */
const MARKS_START = 2 * STACK_BYTES;

/** Address of the dirty marks, between the coverage marks and the log of a traced image. */
export const DIRTY_START: number = 8 << 20;

/** Bytes for the data and two copies of it, far more than they need. The chunk store follows. */
const DATA_BYTES = 16 << 20;

/** Bytes of the chunk store: about 16 million chunks. Memory that is never written costs nothing. */
const CHUNK_STORE_BYTES = 1.25 * 2 ** 30;

/** Linker layout of an image for exploration. */
export const EXPLORED_LAYOUT: ImageLayout = {
  dataStart: DATA_START,
  exports: [],
  memoryBytes: DATA_START + DATA_BYTES + CHUNK_STORE_BYTES,
};

/** Address of the log of a traced image, between the dirty marks and the data. */
const LOG_START = 16 << 20;

/** Capacity of the log: more entries than an operation that terminates writes. */
const LOG_ENTRIES = 4 << 20;

/** An image that can be executed. */
export interface RunnableImage {
  readonly module: WasmModule;
  /** Address of the first byte of data. */
  readonly dataStart: number;
  readonly coverage?: CoverageMap;
  /** Names of the functions of the tree. */
  readonly treeFunctions?: ReadonlySet<string>;
}

/** A compiled image. It can be sent to a worker. */
export interface ImageModule extends RunnableImage {
  /** The same module, rewritten for stack switching; absent unless requested. */
  readonly switching?: WasmModule;
  readonly coverage: CoverageMap;
  readonly treeFunctions: ReadonlySet<string>;
  /** Output of the linker, with debug information. */
  readonly linkerOutput: Uint8Array<ArrayBuffer>;
  /** Name of the model kernel that the tree is compared with. */
  readonly modelKernel: string;
}

/** An image that logs the C functions that it executes. */
export interface TracedImage extends RunnableImage {
  readonly log: CallLog;
}

const DIRTY_MARKS: MarkLayout = {
  marks: DIRTY_START,
  data: DATA_START,
  unmarked: [
    [MARKS_START, DIRTY_START],
    [LOG_START, LOG_START + 4 * LOG_ENTRIES],
  ],
};

/**
 * Functions of the harness that compute the canonical form. They write to copies of the state, and to memory outside
 * it.
 */
const CANONICAL: readonly string[] = [
  ...["canonicalize", "rename_loaded", "canonical_setup", "undo", "begin_with_form", "mark_all", "is_changed"],
  ...["find_dirty", "put_chunks"],
  ...["load_changed", "take_over", "number_changed", "chunk_number", "add_chunk", "grow_slots", "set_up_chunks"],
  ...[
    "make_form",
    "make_smallest_form",
    "forget_form",
    "find_orders",
    "choose_order",
    "hash_of_process",
    "hash_of_entry",
  ],
  ...["renamed", "write_names", "write_owners", "write_all_owners", "name_ids", "write_ids", "write_rows"],
  ...["rename_bytes", "byte_renamed"],
  ...["set_up_state_area", "find_dirty_chunks"],
  ...[
    "scan_block",
    "scan_slot",
    "is_left_anon_vma",
    "found_block",
    "found_slot",
    "find_loaded_ends",
    "place_frames",
    "look_for_leaks",
  ],
  ...["note_slot", "copy_dirty_chunks", "write_form", "write_form_chunk", "write_form_byte", "write_form_u32"],
  ...["write_form_word", "clear_form", "write_all_used", "write_moved", "copy_moved", "rename_pointers"],
  ...["rename_entries", "mask_fields", "write_lru", "compare_form"],
];

/**
 * Functions of the harness whose loops terminate: those of the canonical form, and those that read a state for claims.
 */
const ENDING: readonly string[] = [...CANONICAL, "image_read_world", "read_entry"];

/** Options of compileImage(). */
export interface CompileOptions {
  /** Whether to compile it for stack switching, too, which takes 10 s without a cache. */
  readonly switches?: boolean;
  /** Folder of a cache for the module that switches stacks. */
  readonly cacheFolder?: string;
}

/**
 * Compiles an image. Operations that do not terminate are stopped.
 *
 * @param image linked with EXPLORED_LAYOUT
 */
export async function compileImage(
  { bytes, modelKernel }: Pick<KernelImage, "bytes" | "modelKernel">,
  { switches = false, cacheFolder }: CompileOptions = {},
): Promise<ImageModule> {
  // Coverage marks come first: the debug information is valid only for the original addresses.
  const marked = withCoverageMarks(bytes, MARKS_START, isOfTree);
  const runnable = instrumented(marked.bytes);
  return {
    module: await wasm.compile(runnable),
    ...(switches ? { switching: await wasm.compile(await switching(runnable, cacheFolder)) } : {}),
    dataStart: DATA_START,
    coverage: marked.map,
    treeFunctions: new Set(marked.map.functions.map(({ name }) => name)),
    linkerOutput: bytes,
    modelKernel,
  };
}

async function switching(
  runnable: Uint8Array<ArrayBuffer>,
  cacheFolder: string | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const rewritten = async (): Promise<Uint8Array<ArrayBuffer>> => {
    await loadBinaryen();
    return withStackSwitching(runnable);
  };
  if (cacheFolder === undefined) {
    return rewritten();
  }
  const hash = createHash("sha256").update(runnable).digest("hex");
  const entry = new CacheEntry(cacheFolder, "image-switching", [...stackSwitchingVersion(), hash]);
  return entry.readOrMake(rewritten);
}

/**
 * Compiles an image a second time, with a call log, for traces.
 *
 * @param switches whether for stack switching; this requires loadBinaryen()
 */
export function traceImage({ linkerOutput, dataStart, treeFunctions }: ImageModule, switches: boolean): TracedImage {
  const { bytes, log } = withCallLog(linkerOutput, LOG_START, LOG_ENTRIES, isShown);
  const runnable = instrumented(bytes);
  return { module: new wasm.Module(switches ? withStackSwitching(runnable) : runnable), dataStart, treeFunctions, log };
}

/**
 * Whether traces show a function: functions of C files except lib/, and of the headers of mm/. Of other headers, which
 * are full of small functions, only that of the functions that count mappings.
 */
function isShown({ file }: SourceFunction): boolean {
  return file.startsWith("mm/") || file === "include/linux/rmap.h" || (isSource(file) && !file.startsWith("lib/"));
}

/** Whether a file is a C file of the tree. */
function isSource(file: string): boolean {
  return isOfTree(file) && file.endsWith(".c");
}

function instrumented(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return withFuel(withDirtyMarks(withoutTable64(bytes), DIRTY_MARKS, CANONICAL), ENDING);
}

/** Whether a file is part of the tree, as opposed to the harness. */
function isOfTree(file: string): boolean {
  return file !== "" && !file.startsWith(`${OWN_FOLDER}/`);
}
