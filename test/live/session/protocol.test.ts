/** Encoding of requests and decoding of answers. */
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../live/session/operation.ts";
import {
  helloRequest,
  maxAnswerBytes,
  ProtocolError,
  performRequest,
  readAnswer,
  settingsRequest,
} from "../../../live/session/protocol.ts";
import type { SessionBounds } from "../../../live/session/session.ts";

const BOUNDS: SessionBounds = { mms: 1, pages: 1, anon: 1, file: 0, holders: 1 };

const wordsOf = (bytes: Buffer): number[] => [
  ...new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
];
const answer = (...words: readonly number[]): ReturnType<typeof readAnswer> =>
  readAnswer(Uint32Array.from(words), BOUNDS);

describe("a request", () => {
  test("a request begins with its length in bytes", () => {
    expect(wordsOf(helloRequest({ mms: 3, pages: 4, anon: 1, file: 2, holders: 5 }))).toEqual([
      36, 1, 2, 3, 4, 1, 2, 5, 1, 4,
    ]);
  });

  test("a request has five words for each operation", () => {
    const operations: readonly Operation[] = [
      { kind: "fault", mm: 1, first: 4, pages: 4, value: 9 },
      { kind: "put", holder: 2 },
    ];
    expect(wordsOf(performRequest(operations))).toEqual([44, 4, 4, 1, 4, 4, 9, 10, 2, 0, 0, 0]);
  });

  test("a request contains texts in whole words", () => {
    const [length, kind, ...texts] = wordsOf(settingsRequest([{ path: "/a/ü", oldValue: "", value: "abcd" }]));
    expect([length, kind]).toEqual([28, 3]);
    const bytes = Buffer.from(Uint32Array.from(texts).buffer);
    expect(texts[0]).toBe(5);
    expect(bytes.toString("utf8", 4, 9)).toBe("/a/ü");
    expect(texts.slice(3, 5)).toEqual([0, 4]);
    expect(bytes.toString("utf8", 20)).toBe("abcd");
  });
});

describe("an observation", () => {
  /** Decodes an observation of one MM with one entry, and one holder. */
  const observation = (low: number, high: number, more: Partial<{ live: number; held: number }> = {}): object =>
    answer(4, more.live ?? 1, low, high, 2, 0x1000, 77, 1, 8, 5, 4, 1, more.held ?? 1, 99);

  test("an observation contains the values of /proc bit by bit", () => {
    expect(observation(0x89ab_cdef, 0x8105_6789)).toEqual({
      kind: "observation",
      mms: [
        {
          vmas: [
            {
              entries: [
                {
                  present: true,
                  swapped: false,
                  pfn: 0x5_6789_89ab_cdef,
                  exclusive: true,
                  mapcount: 2,
                  flags: 0x1000,
                  content: 77,
                  alike: 1,
                },
              ],
              smaps: { rss: 8192, pss: 5120, private: 4096, vmas: 1 },
            },
          ],
        },
      ],
      holders: [99],
    });
  });

  test("an observation of a swapped page has no page frame and no content", () => {
    expect(observation(0x1234, 0x4000_0000)).toMatchObject({
      mms: [{ vmas: [{ entries: [{ present: false, swapped: true, pfn: 0, exclusive: false, content: null }] }] }],
    });
  });

  test("an observation has null for MMs that do not exist, and for holders without a reference", () => {
    expect(observation(0, 0, { live: 0, held: 0 })).toEqual({ kind: "observation", mms: [null], holders: [null] });
  });

  test("an observation with missing words is rejected", () => {
    expect(() => answer(4, 1)).toThrow(ProtocolError);
    expect(() => answer()).toThrow("unknown kind of answer: undefined");
  });

  test("an observation fits the maximum size of an answer", () => {
    const bounds: SessionBounds = { mms: 8, pages: 16, anon: 1, file: 3, holders: 8 };
    expect(maxAnswerBytes(bounds)).toBe(4 * (1 + 8 * (1 + 4 * (16 * 6 + 4)) + 8 * 2));
    expect(maxAnswerBytes(BOUNDS)).toBe(512);
  });
});

describe("a failure", () => {
  test("a failure has a text with a separate length", () => {
    expect(answer(6, 2, Buffer.from("no\0\0").readUInt32LE())).toEqual({ kind: "failure", message: "no" });
    expect(() => answer(6, 5, 0)).toThrow("a text of 5 bytes does not fit its answer of 12");
  });
});
