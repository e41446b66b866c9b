/** Cuts a stream of bytes into frames, and believes no length that cannot be. */
import { endianness } from "node:os";
import { ProtocolError } from "./protocol.ts";

const isLittleEndian = endianness() === "LE";

/** Takes bytes as they come, gives frames as soon as they are whole. */
export class FrameReader {
  private readonly maxBytes: number;
  private pending: Buffer = Buffer.alloc(0);

  /** @param maxBytes the longest frame that may come, without the word with its length */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Whether a frame has begun that is not whole yet. */
  get isInsideFrame(): boolean {
    return this.pending.length > 0;
  }

  /**
   * Takes the next bytes, and passes on the frames that are whole now.
   *
   * @param onFrame gets a frame's words without its length
   * @throws ProtocolError for a length that is no frame's, after the frames before it were passed on
   */
  push(bytes: Buffer, onFrame: (words: Uint32Array) => void): void {
    const all = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
    let position = 0;
    while (all.length - position >= 4) {
      const length = isLittleEndian ? all.readUInt32LE(position) : all.readUInt32BE(position);
      if (length < 4 || length > this.maxBytes || length % 4 !== 0) {
        throw new ProtocolError(`an answer claims to have ${length} bytes; want 4 … ${this.maxBytes}, in whole words`);
      }
      if (all.length - position - 4 < length) {
        break;
      }
      // A copy: the words of a frame must begin at a multiple of 4.
      const frame = new Uint32Array(length / 4);
      all.copy(Buffer.from(frame.buffer), 0, position + 4, position + 4 + length);
      position += 4 + length;
      onFrame(frame);
    }
    this.pending = all.subarray(position);
  }
}
