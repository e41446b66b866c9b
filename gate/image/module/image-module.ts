/** An image as it can be run. */
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

/**
 * Address of the data of an image: a word that lies in the memory of its objects is a pointer, and no other word is so large.
 */
const DATA_START = 0x2a00_0000;

/** Address of the marks of what was reached: between the stack and the data, where nothing else is. */
const MARKS_START = 2 * STACK_BYTES;

/** Address of the dirty marks, between the marks of what was reached and the log of a traced image. */
export const DIRTY_START: number = 8 << 20;

/** For the data, and two copies of it: far more than they take. Behind them, for chunks that states have. */
const DATA_BYTES = 16 << 20;

/** For some 16 million chunks. Memory that nobody wrote to costs nothing. */
const CHUNK_STORE_BYTES = 1.25 * 2 ** 30;

/** How an image is linked that is to be explored. */
export const EXPLORED_LAYOUT: ImageLayout = {
  dataStart: DATA_START,
  exports: [],
  memoryBytes: DATA_START + DATA_BYTES + CHUNK_STORE_BYTES,
};

/** Address of the log of a traced image, between the marks and the data. */
const LOG_START = 16 << 20;

/** Entries of the log: more than an operation writes that ends. */
const LOG_ENTRIES = 4 << 20;

/** An image that can be run. */
export interface RunnableImage {
  readonly module: WasmModule;
  /** Address of the first byte of data. */
  readonly dataStart: number;
  readonly coverage?: CoverageMap;
}

/** A compiled image. It can be sent to a worker. */
export interface ImageModule extends RunnableImage {
  readonly coverage: CoverageMap;
  /** As the linker wrote it, with debug information. */
  readonly linked: Uint8Array<ArrayBuffer>;
  /** Name of the kernel of the model that its tree is compared with. */
  readonly modelKernel: string;
}

/** An image that logs which C functions run. */
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

/** Functions of the harness for the canonical form: they write to copies of the state, and to what is no part of it. */
const CANONICAL: readonly string[] = [
  ...["canonicalize", "rename_loaded", "canonical_setup", "undo", "begin_with_form", "mark_all", "is_changed"],
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

/** Functions of the harness whose loops are known to end: the canonical form, and what claims read. */
const ENDING: readonly string[] = [...CANONICAL, "image_read_world", "read_entry"];

/** Compiles an image. Operations that loop without end are stopped. @param image as linked with EXPLORED_LAYOUT */
export async function compileImage({
  bytes,
  modelKernel,
}: Pick<KernelImage, "bytes" | "modelKernel">): Promise<ImageModule> {
  // First, as long as instructions are where the debug information has them.
  const marked = withCoverageMarks(bytes, MARKS_START, isOfTree);
  return {
    module: await wasm.compile(runnable(marked.bytes)),
    dataStart: DATA_START,
    coverage: marked.map,
    linked: bytes,
    modelKernel,
  };
}

/** Compiles an image once more, for traces. */
export function traceImage({ linked, dataStart }: ImageModule): TracedImage {
  const { bytes, log } = withCallLog(linked, LOG_START, LOG_ENTRIES, isShown);
  return { module: new wasm.Module(runnable(bytes)), dataStart, log };
}

/**
 * Whether a function is shown in traces: those of C files, without data structures, and of the headers of mm/. Other headers are full
 * of small ones, but that of the functions that count mappings.
 */
function isShown({ file }: SourceFunction): boolean {
  return file.startsWith("mm/") || file === "include/linux/rmap.h" || (isSource(file) && !file.startsWith("lib/"));
}

/** Whether a file is a C file of the tree. */
function isSource(file: string): boolean {
  return isOfTree(file) && file.endsWith(".c");
}

function runnable(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return withFuel(withDirtyMarks(withoutTable64(bytes), DIRTY_MARKS, CANONICAL), ENDING);
}

/** Whether a file is the tree's, and not ours. */
function isOfTree(file: string): boolean {
  return file !== "" && !file.startsWith(`${OWN_FOLDER}/`);
}
