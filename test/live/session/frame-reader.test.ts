/** Frames from bytes in arbitrary pieces. */

import { describe, expect, test } from "vitest";
import { FrameReader } from "../../../live/session/frame-reader.ts";
import * as fc from "../../fast-check.ts";

const frame = (words: readonly number[], length: number = words.length * 4): Buffer =>
  Buffer.from(Uint32Array.of(length, ...words).buffer);

describe("the frame reader", () => {
  test("the frame reader returns the frames that were sent, for any division of the stream", () => {
    const words = fc.array(fc.nat(), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(words), fc.array(fc.nat({ max: 40 })), (sent, cuts) => {
        const stream = Buffer.concat(sent.map((each) => frame(each)));
        const reader = new FrameReader(32);
        const received: number[][] = [];
        let position = 0;
        for (const cut of [...cuts, stream.length]) {
          reader.push(stream.subarray(position, position + cut), (each) => received.push([...each]));
          position += cut;
        }
        expect(received).toEqual(sent);
        expect(reader.isInsideFrame).toBe(false);
      }),
    );
  });

  test.each([0, 3, 6, 36, 2 ** 31])(
    "the frame reader rejects a length of %i bytes, after it passed on earlier frames",
    (length) => {
      const reader = new FrameReader(32);
      const received: number[][] = [];
      const push = (): void =>
        reader.push(Buffer.concat([frame([1, 2]), frame([3], length)]), (each) => received.push([...each]));
      expect(push).toThrow(`an answer has a length of ${length} bytes; want 4 … 32, in whole words`);
      expect(received).toEqual([[1, 2]]);
    },
  );

  test("the frame reader reports that the input ends within a frame", () => {
    const reader = new FrameReader(32);
    reader.push(frame([1, 2]).subarray(0, 9), () => {});
    expect(reader.isInsideFrame).toBe(true);
  });
});
