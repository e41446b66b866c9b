/** Steps as plain sentences, for readers who do not know the names of actions. */
import type { Parameters, ParameterValue } from "../../explore/model/action-call.ts";
import { TRACKED_WRITE } from "./contents.ts";
import { folioName, mmName } from "./entry.ts";
import { holderKindName } from "./holder-kind.ts";

/** Action with its parameters. */
export interface NamedCall {
  readonly action: string;
  readonly parameters: Parameters;
}

/** Parameters of an action, by name. */
class Arguments {
  private readonly parameters: Parameters;

  constructor(parameters: Parameters) {
    this.parameters = parameters;
  }

  has(name: string): boolean {
    return name in this.parameters;
  }

  number(name: string): number {
    return Number(this.parameters[name] ?? 0);
  }

  text(name: string): string {
    return String(this.parameters[name]);
  }

  flag(name: string): boolean {
    return this.parameters[name] === true;
  }

  mm(name = "mm"): string {
    return mmName(this.number(name));
  }

  folio(name = "folio"): string {
    return `folio ${folioName(this.number(name))}`;
  }

  /** Formats a range by the number of its first element. */
  range(one: string, several: string, first: string, count: string): string {
    const [start, length] = [this.number(first), this.number(count)];
    return length === 1 ? `${one} ${start}` : `${several} ${start}–${start + length - 1}`;
  }

  /** Formats a range of pages of a process, which an image has as one parameter. */
  pages(): string {
    return rangeText(record(this.parameters["range"]));
  }

  /** Returns a range of pages of a process of an image, and the page to which its first one is moved. */
  move(): { readonly page: number; readonly pages: number; readonly to: number } {
    const { page, pages, to = 0 } = record(this.parameters["move"]);
    return { page, pages, to };
  }

  /** Formats the number of pages of a fault of an image, whose order is part of one parameter. */
  fault(): { readonly page: number; readonly pages: number } {
    const { page, order } = record(this.parameters["fault"]);
    return { page, pages: 1 << order };
  }

  /** Formats pages of a process's mapping of the file. @param text the pages */
  ofFile(text: string): string {
    return `${text} of its ${this.text("mapping")} mapping of the file`;
  }

  /** Formats a range of the file that a hole is punched in. */
  hole(): string {
    return rangeText(record(this.parameters["hole"]));
  }

  /** Formats that get_user_pages() or pin_user_pages(), or a variant of them, takes pages of a process. */
  taking(variant: string): string {
    const way = this.text("way");
    const purpose = way.endsWith("Write") ? " for writing" : way === "pinLongterm" ? " for a long time" : "";
    return `${way.startsWith("pin") ? "pin" : "get"}_${variant}() takes ${this.pages()} of ${this.mm()}${purpose}`;
  }

  value(): string {
    return this.number("value") === 1 ? `the followed value ${TRACKED_WRITE}` : "another value";
  }

  walk(): string {
    return this.has("walk")
      ? `, visiting ${String(this.parameters["walk"]).split(",").map(Number).map(mmName).join(", then ")}`
      : "";
  }
}

function rangeText({ page, pages }: { readonly page: number; readonly pages: number }): string {
  if (pages === 0) {
    return `no pages at page ${page}`;
  }
  return pages === 1 ? `page ${page}` : `pages ${page}–${page + pages - 1}`;
}

type Numbers = { readonly [name: string]: number } & Record<"page" | "pages" | "order", number>;

function record(value: ParameterValue | undefined): Numbers {
  return (typeof value === "object" ? value : {}) as Numbers;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Sentences of actions of the model's machines. */
const SENTENCES: { readonly [action: string]: (args: Arguments) => string } = {
  newMm: (a) => `${a.mm()} starts, with nothing mapped`,
  fork: (a) =>
    a.has("child") ? `${a.mm("parent")} forks; ${a.mm("child")} gets copies of its entries` : `${a.mm()} forks`,
  exit: (a) => `${a.mm()} exits and unmaps everything`,
  unmap: (a) =>
    a.has("vma")
      ? `${a.mm()} unmaps ${a.range("entry", "entries", "first", "count")}${a.number("vma") > 0 ? ` of vma ${a.number("vma")}` : ""}`
      : `${a.mm()} unmaps ${count(a.number("pages"), "page")}`,
  map: (a) => `${a.mm()} maps ${count(a.number("pages"), "page")} of the folio`,
  zap: (a) => `${a.mm()} unmaps ${a.range("entry", "entries", "first", "count")}`,
  anonFault: (a) =>
    a.has("pages")
      ? `${a.mm()} touches entry ${a.number("first")}; the kernel maps a new folio of ${count(a.number("pages"), "page")}`
      : `${a.mm()} touches its memory; the kernel maps a new folio`,
  readFile: (a) =>
    `the page cache reads ${count(a.number("pages"), "page")} of the file from index ${a.number("index")} on`,
  fileFault: (a) => `${a.mm()} maps pages of the file to ${a.range("entry", "entries", "first", "count")}`,
  filePmdFault: (a) => `${a.mm()} maps pages of the file by a PMD entry`,
  reclaim: (a) =>
    a.has("folio")
      ? `reclaim takes ${a.folio()} out of the page cache`
      : `reclaim tries to free the folio that ${a.mm()} maps at page ${a.number("page")}`,
  storeShared: (a) => `${a.mm()} writes ${a.value()} to the file through entry ${a.number("entry")}`,
  tryToUnmapFile: (a) => `reclaim removes the mappings of ${a.folio()} by ${a.mm()}`,
  shmemWriteout: (a) => `reclaim moves ${a.folio()} from the page cache to the swap cache`,
  swapOut: (a) => (a.has("folio") ? `reclaim writes ${a.folio()} out and frees it` : "reclaim unmaps the folio"),
  shmemSwapIn: (a) => `page ${a.number("index")} of the file is read back from swap`,
  writeFault: (a) => `${a.mm()} writes to entry ${a.number("entry")}, which is read-only`,
  unshare: (a) => `the kernel unshares entry ${a.number("entry")} of ${a.mm()}`,
  store: (a) => `${a.mm()} writes ${a.value()} through entry ${a.number("entry")}`,
  mremap: (a) =>
    a.has("from")
      ? `${a.mm()} moves entry ${a.number("from")} to ${a.number("to")}`
      : `${a.mm()} moves ${a.pages()} ${a.flag("back") ? "back" : "elsewhere"} by mremap()`,
  uffdMove: (a) => {
    const { to, ...moved } = a.move();
    return `${a.mm()} moves ${rangeText(moved)} to page ${to} by UFFDIO_MOVE`;
  },
  tryGet: (a) => `someone takes a reference to ${a.folio()}`,
  speculativeReference: () => "someone takes a reference to the folio without a lock",
  maybeMappedShared: () => "a reader without a lock asks folio_maybe_mapped_shared()",
  kpagecount: (a) => `a reader of /proc/kpagecount asks about page ${a.number("page")}`,
  pagemap: (a) => `a reader of /proc/PID/pagemap asks about entry ${a.number("entry")} of ${a.mm()}`,
  migrate: () => "migration replaces the mappings of the folio, and puts them back",
  put: (a) => `holder ${a.number("holder")} drops its reference`,
  gup: (a) =>
    `get_user_pages() takes the page at entry ${a.number("entry")} of ${a.mm()} (${holderKindName(a.number("kind"))})`,
  gupFast: (a) => `get_user_pages_fast() takes the page at entry ${a.number("entry")} of ${a.mm()}`,
  gupSlow: (a) => `get_user_pages() takes the page at entry ${a.number("entry")} of ${a.mm()}`,
  dmaWrite: (a) => `a device writes ${a.value()} through the reference of holder ${a.number("holder")}`,
  addToSwap: (a) => `reclaim puts ${a.folio()} into the swap cache`,
  tryToUnmap: (a) => `reclaim replaces the mappings of ${a.folio()} by ${a.mm()} with swap entries`,
  swapIn: (a) =>
    a.has("entry")
      ? `${a.mm()} ${a.flag("write") ? "writes to" : "reads"} entry ${a.number("entry")}, which is swapped out`
      : `${a.mm()} touches memory that is swapped out`,
  freeSwap: (a) =>
    a.has("folio") ? `the swap slots of ${a.folio()} are freed` : "the swap slots of the folio are freed",
  migrateUnmap: (a) => `migration replaces all mappings of ${a.folio()} by migration entries${a.walk()}`,
  migrateMove: (a) => `migration copies ${a.folio()} to a new folio and maps that${a.walk()}`,
  migrateUndo: (a) =>
    `migration of ${a.has("folio") ? a.folio() : "the folio"} fails, and its mappings come back${a.walk()}`,
  split: (a) =>
    a.has("folio")
      ? `${a.folio()} is split into single pages${a.walk()}`
      : `the folio that ${a.mm()} maps at page ${a.number("page")} is split to order ${a.number("order")}`,
  splitPmd: (a) => `the PMD entry of ${a.mm()} is split into a page table`,
  shrinkDeferred: (a) => `the shrinker splits a folio of the deferred split queue${a.walk()}`,
  collapse: (a) => `khugepaged collapses the page table of ${a.mm()} to one PMD entry`,
  allocPage: (a) => `page ${a.number("page")} is allocated by itself`,
  freePage: (a) => `page ${a.number("page")} is freed`,
  allocBlock: (a) => `the block is allocated${a.flag("compound") ? " as a compound page" : ""}`,
  freeBlock: () => "the block is freed",
  splitBlock: () => "the block is split into single pages",
  storePrivate: (a) => `the owner of page ${a.number("page")} stores to its private field`,
  setType: (a) => `page ${a.number("page")} becomes a page table`,
  dupFilePmd: (a) => `${a.mm("parent")} forks; ${a.mm("child")} gets a copy of its PMD entry for the file`,
  damage: (a) => `a folio of ${count(a.number("pages"), "page")} is allocated, and ${a.text("field")} is damaged`,
  freeDamaged: (a) =>
    `a folio of ${count(a.number("pages"), "page")} is freed whose page ${a.number("page")} is damaged: ${a.text("damage")}`,
  splitDamaged: (a) =>
    `a folio of ${count(a.number("pages"), "page")} is split whose page ${a.number("page")} is damaged: ${a.text("damage")}`,
  free: () => "the folio is freed",
  write: (a) =>
    `${a.mm()} writes to page ${a.fault().page}; a fault may map a folio of ${count(a.fault().pages, "page")}`,
  read: (a) => `${a.mm()} reads page ${a.number("page")}`,
  dontneed: (a) => `${a.mm()} discards ${a.pages()} by MADV_DONTNEED`,
  madvFree: (a) => `${a.mm()} lets go of ${a.pages()} by MADV_FREE`,
  munmap: (a) => `${a.mm()} unmaps ${a.pages()}`,
  mprotect: (a) =>
    `${a.mm()} makes ${a.flag("half") ? "half of its" : "its"} memory ${a.flag("write") ? "writable" : "read-only"}`,
  dontfork: (a) => `${a.mm()} excludes half of its memory from forks`,
  madvCollapse: (a) =>
    `${a.mm()} collapses ${a.pages()} to huge pages by MADV_COLLAPSE` +
    (a.text("obstacle") === "none" ? "" : `, which has an obstacle: ${a.text("obstacle")}`),
  khugepaged: (a) =>
    `khugepaged scans the page table of ${a.mm()} from page ${a.number("page")} on` +
    (a.text("strict") === "none" ? "" : `; ${a.text("strict")} is 0`),
  clearSoftDirty: (a) => `the soft-dirty bits of ${a.mm()} are cleared`,
  shrink: () => "the shrinker splits folios of the deferred split queue",
  migrateBegin: (a) =>
    `migration replaces the mappings of the folio at page ${a.number("page")} of ${a.mm()} by migration entries`,
  migrateFinish: () => "migration copies the folio and maps the copy",
  race: (a) => `CPU 0 executes ${a.text("first")}; there CPU 1 executes ${a.text("second")}, and then CPU 0 continues`,
  age: (a) => `reclaim asks whether page ${a.number("page")} of ${a.mm()} was accessed, through all mappings`,
  endWrite: (a) => `a write to the swap device ${a.flag("failed") ? "fails" : "ends"}`,
  fileWrite: (a) =>
    `${a.mm()} writes to ${a.ofFile(`page ${a.fault().page}`)}; a fault may map a folio of ${count(a.fault().pages, "page")}`,
  fileRead: (a) =>
    `${a.mm()} reads ${a.ofFile(`page ${a.fault().page}`)}; a fault may map a folio of ${count(a.fault().pages, "page")}`,
  fileDontneed: (a) => `${a.mm()} discards ${a.ofFile(a.pages())} by MADV_DONTNEED`,
  fileMunmap: (a) => `${a.mm()} unmaps ${a.ofFile(a.pages())}`,
  truncate: (a) => `the file is truncated to ${count(a.number("pages"), "page")}, or grows to that size`,
  punchHole: (a) => `a hole is punched in the file: ${a.hole()}`,
  fileShrink: () => "the shrinker splits folios of the file that reach beyond its end",
  fileSplit: (a) =>
    `the folio that the page cache has for page ${a.number("page")} of the file is split to order ${a.number("order")}`,
  fileMigrateBegin: (a) =>
    `migration replaces the mappings of the folio at page ${a.number("page")} of the file by migration entries`,
  fileReclaim: (a) =>
    `reclaim frees the folio at page ${a.number("page")} of the file, or writes it to the swap device`,
  getUserPages: (a) => a.taking("user_pages"),
  getUserPagesFast: (a) => a.taking("user_pages_fast"),
  putUserPages: (a) => `holder ${a.number("holder")} releases its pages`,
  deviceWrite: (a) => `a device writes to the pages that holder ${a.number("holder")} pinned`,
  interleave: (a) => `CPUs that take turns execute ${a.text("operations").replaceAll(" | ", " and ")}`,
};

/** Returns a sentence about a step; undefined for an action without one. */
export function sentenceOf({ action, parameters }: NamedCall): string | undefined {
  const sentence = Object.hasOwn(SENTENCES, action) ? SENTENCES[action] : undefined;
  return sentence?.(new Arguments(parameters));
}
