/** Names that the types of the C parser take for global. Not published: where they are, they would collide with others. */
type EmscriptenModule = object;

declare namespace WebAssembly {
  type Module = object;
}
