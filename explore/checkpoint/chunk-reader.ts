/** Fills arrays, one after the other, from chunks of any length. */
export class ChunkReader {
  private readonly chunks: Iterator<Uint8Array>;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(chunks: Iterable<Uint8Array>) {
    this.chunks = chunks[Symbol.iterator]();
  }

  /** @returns false when the chunks end before `target` is full */
  fill(target: Uint8Array): boolean {
    let filled = 0;
    while (filled < target.length) {
      if (this.isAtEnd()) {
        return false;
      }
      const part = this.rest.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.rest = this.rest.subarray(part.length);
    }
    return true;
  }

  isAtEnd(): boolean {
    while (this.rest.length === 0) {
      const next = this.chunks.next();
      if (next.done === true) {
        return true;
      }
      this.rest = next.value;
    }
    return false;
  }

  /** Closes the source of the chunks. */
  close(): void {
    this.chunks.return?.();
  }
}
