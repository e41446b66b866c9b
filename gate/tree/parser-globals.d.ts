/** Global names that the types of the C parser use. Not published: they would collide with existing globals. */
type EmscriptenModule = object;

declare namespace WebAssembly {
  type Module = object;
}
