/** Copies a checkpoint to a single array. */
export function collected(chunks: Iterable<Uint8Array>): Uint8Array {
  return Uint8Array.from(Buffer.concat(Array.from(chunks, (chunk) => chunk.slice())));
}
