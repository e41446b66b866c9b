/** Global names that the types of the C parser use. Not published: they would collide with existing globals. */
type EmscriptenModule = object;

declare namespace WebAssembly {
  // biome-ignore lint/suspicious/noEmptyInterface: it merges with the interface that the types of esbuild declare
  interface Module {}
}
