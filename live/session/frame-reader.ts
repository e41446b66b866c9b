/** Splits a stream of bytes into frames, and rejects impossible lengths. */
import { endianness } from "node:os";
import { ProtocolError } from "./protocol.ts";

const isLittleEndian = endianness() === "LE";

/** Accepts bytes as they arrive, and passes on each complete frame. */
export class FrameReader {
  private readonly maxBytes: number;
  private pending: Buffer = Buffer.alloc(0);

  /** @param maxBytes maximum size of a frame, without the word with its length */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Whether the input ends within a frame. */
  get isInsideFrame(): boolean {
    return this.pending.length > 0;
  }

  /**
   * Accepts the next bytes, and passes on the frames that are complete.
   *
   * @param onFrame called with the words of a frame, without its length
   * @throws ProtocolError for an invalid length, after the preceding frames were passed on
   */
  push(bytes: Buffer, onFrame: (words: Uint32Array) => void): void {
    const all = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
    let position = 0;
    while (all.length - position >= 4) {
      const length = isLittleEndian ? all.readUInt32LE(position) : all.readUInt32BE(position);
      if (length < 4 || length > this.maxBytes || length % 4 !== 0) {
        throw new ProtocolError(`an answer has a length of ${length} bytes; want 4 … ${this.maxBytes}, in whole words`);
      }
      if (all.length - position - 4 < length) {
        break;
      }
      // Copied, since the words of a frame must be aligned to 4 bytes.
      const frame = new Uint32Array(length / 4);
      all.copy(Buffer.from(frame.buffer), 0, position + 4, position + 4 + length);
      position += 4 + length;
      onFrame(frame);
    }
    this.pending = all.subarray(position);
  }
}
