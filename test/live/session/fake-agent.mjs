/**
 * A fake agent for tests without access to a kernel. It implements the protocol, simulates processes whose pages are
 * shared by fork and copied at the first write, and injects the fault of its first argument.
 *
 * Plain JavaScript, since Node must run it as a program without a build. It implements the protocol independently of
 * live/session/protocol.ts, so that mistakes there show as disagreement.
 *
 *     node fake-agent.mjs [FAULT [NTH]]
 *
 * NTH is the number of the observation, counted from 1, or `every`; by default 1.
 */
import { readSync, writeFileSync, writeSync } from "node:fs";

const [fault = "none", nth = "1"] = process.argv.slice(2);

/** Faults in observations: `pages` are raw entries [pagemap low, pagemap high, mapcount, flags, content, alike]. */
const PAGE_FAULTS = {
  // A different frame in each observation: consistently renamed frames would be valid.
  "wrong-pfn": (page) => page.fill(page[0] + observations, 0, 1),
  "wrong-mapcount": (page) => page.fill(page[2] + 1, 2, 3),
  "exclusive-flipped": (page) => page.fill((page[1] ^ 0x0100_0000) >>> 0, 1, 2),
  "absent-page": (page) => page.fill(0),
  "stale-content": (page) => page.fill(page[4] ^ 1, 4, 5),
};

/** Answers in place of an observation. */
const ANSWER_FAULTS = {
  silence: () => {},
  death: () => process.exit(7),
  "truncated-answer": (words) => sendBytes(frame(words).subarray(0, 24)),
  "truncated-answer-and-death": (words) => {
    sendBytes(frame(words).subarray(0, 24));
    process.exit(0);
  },
  "length-too-long": (words) => sendBytes(frame(words, 2 ** 31)),
  "length-not-in-words": (words) => sendBytes(frame(words, words.length * 4 - 1)),
  "length-zero": () => sendBytes(frame([], 0)),
  "one-word-short": (words) => send(words.slice(0, -1)),
  "one-word-long": (words) => send([...words, 0]),
  "flag-of-two": (words) => send(words.with(1, 2)),
  "unknown-answer": () => send([99]),
  "answer-to-something-else": () => send([5]),
  "answer-twice": (words) => {
    send(words);
    send(words);
  },
  "one-byte-at-a-time": (words) => {
    for (const byte of frame(words)) {
      sendBytes(Uint8Array.of(byte));
    }
  },
  failure: () => sendText(6, "mm 0: madvise: Cannot allocate memory"),
  "text-longer-than-its-frame": () => send([6, 1000, 0]),
};

const FAULTS = [
  "none",
  "wrong-version",
  "refuses",
  "busy",
  "cannot-set",
  "deaf-to-the-end",
  "fails-at-the-end",
  "complains",
  ...Object.keys(PAGE_FAULTS),
  ...Object.keys(ANSWER_FAULTS),
];
if (!FAULTS.includes(fault)) {
  throw new Error(`there is no fault "${fault}"; there are ${FAULTS.join(", ")}`);
}

const OPERATION_WORDS = 5;

let bounds = { mms: 0, pages: 0, vmas: 0, holders: 0 };
let observations = 0;
let nextFrame = 4096;
/** By position: null, or the VMAs, which contain pages { pfn, content } or null. */
let mms = [];
let holders = [];
const settings = [];

function frame(words, length = words.length * 4) {
  return Buffer.from(Uint32Array.of(length, ...words).buffer);
}

/** Waits before a retry: Node's pipes do not block. */
function pause() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

function sendBytes(bytes) {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(1, bytes, done);
    } catch (error) {
      if (error.code === "EPIPE") {
        // The supervisor has exited. The end of the input is detected next.
        return;
      }
      if (error.code !== "EAGAIN") {
        throw error;
      }
      pause();
    }
  }
}

function send(words) {
  sendBytes(frame(words));
}

function sendText(kind, text) {
  const bytes = Buffer.from(text);
  const padded = Buffer.alloc(Math.ceil(bytes.length / 4) * 4);
  bytes.copy(padded);
  send([kind, bytes.length, ...new Uint32Array(padded.buffer, padded.byteOffset, padded.length / 4)]);
}

/** @returns undefined at the end of the input */
function receive(length) {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    try {
      const bytesRead = readSync(0, bytes, done, length - done, null);
      if (bytesRead === 0) {
        return undefined;
      }
      done += bytesRead;
    } catch (error) {
      if (error.code !== "EAGAIN") {
        return undefined;
      }
      pause();
    }
  }
  return bytes;
}

const wordsOf = (bytes) => new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));

function emptyMm() {
  return Array.from({ length: bounds.vmas }, () => Array(bounds.pages).fill(null));
}

function act([kind, a, b, c, d]) {
  switch (kind) {
    case 1:
      mms[a] = emptyMm();
      break;
    case 2:
      mms[b] = mms[a].map((pages) => [...pages]);
      break;
    case 3:
      mms[a] = null;
      break;
    case 4:
      for (let i = 0; i < c; i++) {
        mms[a][0][b + i] = { pfn: nextFrame++, content: d };
      }
      break;
    case 5:
      write(a, b, c);
      break;
    case 7:
      mms[a][b].fill(null, c, c + d);
      break;
    case 8:
      mms[a][0][c] = mms[a][0][b];
      mms[a][0][b] = null;
      break;
    case 9:
      holders[c] = mms[a][0][b];
      break;
    case 10:
      holders[a] = null;
      break;
    case 15:
      write(a, b, mms[a][0][b].content);
      break;
  }
}

function mapcount(page) {
  return mms
    .flatMap((mm) => mm ?? [])
    .flat()
    .filter((each) => each === page).length;
}

function write(mm, entry, value) {
  const page = mms[mm][0][entry];
  if (mapcount(page) === 1) {
    page.content = value;
  } else {
    mms[mm][0][entry] = { pfn: nextFrame++, content: value };
  }
}

/** @returns whether the batch continues, which it does not after a failure */
function observe() {
  observations += 1;
  const isFaulty = nth === "every" || observations === Number(nth);
  const words = [4];
  for (const mm of mms) {
    words.push(mm === null ? 0 : 1);
    for (const pages of mm ?? emptyMm()) {
      for (const page of pages) {
        const count = page === null ? 0 : mapcount(page);
        const entry =
          page === null
            ? [0, 0, 0, 0, 0, 1]
            : [page.pfn, 0x8000_0000 + (count === 1 ? 0x0100_0000 : 0), count, 0x1020, page.content, 1];
        words.push(...((isFaulty && page !== null && PAGE_FAULTS[fault]?.(entry)) || entry));
      }
      const mapped = pages.filter((page) => page !== null);
      const shares = mapped.map((page) => 4 / mapcount(page));
      const pss = Math.floor(shares.reduce((sum, each) => sum + each, 0));
      words.push(4 * mapped.length, pss, 4 * shares.filter((share) => share === 4).length, mm === null ? 0 : 1);
    }
  }
  for (const page of holders) {
    words.push(page === null ? 0 : 1, page?.content ?? 0);
  }
  const answer = isFaulty ? (ANSWER_FAULTS[fault] ?? send) : send;
  answer(words);
  return !(isFaulty && fault === "failure");
}

function change(words) {
  const texts = [];
  for (let i = 0; i < words.length; ) {
    const bytes = Buffer.from(words.slice(i + 1, i + 1 + Math.ceil(words[i] / 4)).buffer);
    texts.push(bytes.toString("utf8", 0, words[i]));
    i += 1 + Math.ceil(words[i] / 4);
  }
  for (let i = 0; i < texts.length; i += 3) {
    settings.push({ path: texts[i], old: texts[i + 1] });
    writeFileSync(texts[i], texts[i + 2]);
  }
}

function answer([kind, ...words]) {
  switch (kind) {
    case 1: {
      const [, countOfMms, pages, anon, file, countOfHolders] = words;
      bounds = { mms: countOfMms, pages, vmas: anon + file, holders: countOfHolders };
      mms = Array(countOfMms).fill(null);
      holders = Array(countOfHolders).fill(null);
      if (fault === "refuses") {
        sendText(6, "/proc/kpagecount: Permission denied");
      } else {
        send([1, fault === "wrong-version" ? 3 : 2, 4096]);
      }
      break;
    }
    case 2:
      send([2, fault === "busy" ? 0 : 1]);
      break;
    case 3:
      if (fault === "cannot-set") {
        sendText(6, "/sys/some/setting: Permission denied");
      } else {
        change(Uint32Array.from(words));
        send([3]);
      }
      break;
    case 4:
      for (let i = 0; i < words.length; i += OPERATION_WORDS) {
        act(words.slice(i, i + OPERATION_WORDS));
        if (!observe()) {
          break;
        }
      }
      break;
    case 5:
      mms.fill(null);
      holders.fill(null);
      send([5]);
      break;
  }
}

if (fault === "complains") {
  process.stderr.write("something is wrong\nvery wrong\n");
  process.exit(1);
}
for (;;) {
  const length = receive(4);
  const request = length && receive(wordsOf(length)[0]);
  if (request === undefined) {
    break;
  }
  answer([...wordsOf(request)]);
}
if (fault === "deaf-to-the-end") {
  setInterval(() => {}, 1000);
} else if (fault === "fails-at-the-end") {
  process.exit(1);
} else {
  for (const { path, old } of settings.reverse()) {
    writeFileSync(path, old);
  }
}
