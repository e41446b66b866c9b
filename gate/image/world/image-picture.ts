/** Describes a state of an image for traces. Folios are named by letters, in the order of their frames. */
import type { PageTableTruth } from "../../../model/environment/view.ts";
import { pagesText } from "./image-bounds.ts";
import type { ImageEntry } from "./image-entry.ts";
import type { ImageFilePage, ImageFolio, ImageView } from "./image-view.ts";
import { Pagemap, PSS_UNIT, type SmapsField } from "./proc-layout.ts";
import type { ProcReading } from "./proc-reading.ts";

/** Fields of processes and folios, by name: `process 0`, `folio A`. */
export type ImagePicture = { readonly [name: string]: { readonly [field: string]: string | number } };

/** Returns the description of a state. */
export function imagePicture(view: ImageView): ImagePicture {
  const { folios, entries, mms, proc } = view;
  const letters = new Map(folios.map(({ folio }, i) => [folio.frameNumber, letterOf(i)]));
  const headOf = (frame: number): number =>
    folios.find(({ folio }) => frame >= folio.frameNumber && frame < folio.frameNumber + folio.nrPages)?.folio
      .frameNumber ?? frame;
  const picture: Record<string, ImagePicture[string]> = {};
  mms.forEach(({ live, anonPages, filePages, shmemPages, swapEntries }, mm) => {
    if (live) {
      const ownEntries = entries.filter(
        (entry) => entry.mm === mm && (entry.present || entry.migration || entry.swap || entry.expected !== 0),
      );
      const pages = runsOf(ownEntries).map((run) => runText(run, headOf, letters));
      picture[`process ${mm}`] = {
        RSS: anonPages + filePages + shmemPages,
        ...(view.slots.length === 0 ? {} : { swap: swapEntries }),
        maps: pages.join("; ") || "nothing",
        ...(proc === undefined ? {} : procFields(mm, ownEntries, proc)),
      };
    }
  });
  if (view.file.pages.length > 0) {
    picture["file"] = { pages: view.file.size, "page cache": cacheText(view.file.pages, headOf, letters) };
  }
  for (const truth of folios) {
    const { frameNumber, nrPages } = truth.folio;
    const counts = Array.from({ length: nrPages }, (_, page) => proc?.kpagecount(frameNumber + page));
    picture[`folio ${letters.get(frameNumber)}`] = {
      ...fieldsOf(truth),
      ...(proc === undefined ? {} : { kpagecount: counts.join(" ") }),
    };
  }
  return picture;
}

const KIB = 1024;

/** Returns the values of pagemap and smaps of a process. */
function procFields(mm: number, entries: readonly ImageEntry[], proc: ProcReading): ImagePicture[string] {
  const sum = (field: SmapsField): number => (proc.vmas[mm] ?? []).reduce((bytes, vma) => bytes + vma.of(field), 0);
  const pages = (isListed: (flags: number) => boolean): string =>
    entries
      .filter(({ page }) => isListed(proc.pagemapFlags(mm, page)))
      .map(({ page }) => pagesText(page, page))
      .join(" ") || "none";
  return {
    smaps: `Rss ${sum("rss") / KIB} kB, Pss ${Math.floor(sum("pss") / PSS_UNIT / KIB)} kB, private ${sum("private") / KIB} kB`,
    "pagemap exclusive": pages((flags) => (flags & Pagemap.exclusive) !== 0),
    "pagemap not soft-dirty": pages((flags) => (flags & Pagemap.softDirty) === 0),
  };
}

/** Returns the letter of a folio, by its position in the list of folios of a state. */
export function letterOf(position: number): string {
  return position < 26 ? String.fromCharCode(65 + position) : `A${letterOf(position - 26)}`;
}

/** Groups the entries of consecutive pages that map consecutive page frames with the same flags. */
function runsOf(entries: readonly ImageEntry[]): ImageEntry[][] {
  const runs: ImageEntry[][] = [];
  for (const entry of entries) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && follows(last, entry)) {
      run.push(entry);
    } else {
      runs.push([entry]);
    }
  }
  return runs;
}

function follows(last: ImageEntry, next: ImageEntry): boolean {
  return (
    next.page === last.page + 1 &&
    next.frame === last.frame + 1 &&
    next.pmd === last.pmd &&
    next.present === last.present &&
    next.migration === last.migration &&
    next.swap === last.swap &&
    next.writable === last.writable &&
    (next.pmd || next.frameExclusive === last.frameExclusive) &&
    next.exclusive === last.exclusive &&
    hasWrongContent(next) === hasWrongContent(last)
  );
}

function hasWrongContent({ present, migration, swap, expected, actual, mayBeZero }: ImageEntry): boolean {
  return present || migration || swap
    ? actual !== expected && !(mayBeZero && actual === 0)
    : expected !== 0 && !mayBeZero;
}

/** Formats a run of entries, such as `0–7: A[0–7] PMD, writable, exclusive`. */
function runText(
  run: readonly ImageEntry[],
  headOf: (frame: number) => number,
  letters: ReadonlyMap<number, string>,
): string {
  const [first, last] = [run[0] as ImageEntry, run.at(-1) as ImageEntry];
  const span = (from: number, to: number): string => (from === to ? `${from}` : `${from}–${to}`);
  const pages = pagesText(first.page, last.page);
  if (!first.present && !first.migration && !first.swap) {
    return `${pages} none${hasWrongContent(first) ? ", lost" : ""}`;
  }
  const rights = rightsText(first);
  if (first.swap) {
    return `${pages}: swap slot ${span(first.frame, last.frame)}${rights}`;
  }
  const head = headOf(first.frame);
  const mapped = letters.has(head)
    ? `${letters.get(head)}[${span(first.frame - head, last.frame - head)}]`
    : "zero page";
  return `${pages}: ${mapped}${rights}`;
}

/** Formats what the page cache has for each page of the file: `A[0] A[1] – slot 3`. */
function cacheText(
  pages: readonly ImageFilePage[],
  headOf: (frame: number) => number,
  letters: ReadonlyMap<number, string>,
): string {
  return pages
    .map(({ frame, slot, expected, actual, undirty }) => {
      const head = headOf(frame);
      const what = slot > 0 ? `slot ${slot}` : frame < 0 ? "–" : `${letters.get(head)}[${frame - head}]`;
      const has = expected === actual ? "" : ` (has ${actual} where it must have ${expected})`;
      return `${what}${undirty ? " (written, and clean)" : ""}${has}`;
    })
    .join(" ");
}

/** Formats what an entry says beside its page; empty, or with a leading space. */
function rightsText(entry: ImageEntry): string {
  const { pmd, present, migration, writable, exclusive, frameExclusive, actual, expected } = entry;
  const words = [
    ...(pmd ? ["PMD"] : []),
    ...(migration ? ["migration entry"] : []),
    ...(writable ? ["writable"] : []),
    ...((present ? frameExclusive : exclusive) ? ["exclusive"] : []),
    ...(hasWrongContent(entry) ? [`finds ${actual} where it must find ${expected}`] : []),
  ];
  return words.length === 0 ? "" : ` ${words.join(", ")}`;
}

function fieldsOf({ folio, mappings }: PageTableTruth): ImagePicture[string] {
  const { slots, nrPages, refcount, entireMapcount, largeMapcount, pages } = folio;
  const owners = slots.flatMap(({ mmId, mapcount }) => (mmId === 0 ? [] : [`process ${mmId - 1}: ${mapcount + 1}`]));
  const flags = [
    (folio as ImageFolio).maybeShared ? "maybe mapped shared" : "mapped exclusively",
    ...(folio.locked ? ["locked"] : []),
    ...(folio.swapcache ? ["in the swap cache"] : []),
    ...(folio.partiallyMapped ? ["partially mapped"] : []),
    ...(folio.onDeferredList ? ["queued for splitting"] : []),
  ];
  return {
    pages: nrPages,
    references: refcount,
    mappings,
    ...(nrPages === 1
      ? {}
      : {
          "large mapcount": largeMapcount + 1,
          "entire mapcount": entireMapcount + 1,
          slots: owners.join(", ") || "free",
        }),
    "page mapcounts": pages
      .slice(0, nrPages)
      .map(({ mapcount }) => mapcount + 1)
      .join(" "),
    is: flags.join(", "),
  };
}
