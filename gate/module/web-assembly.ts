/**
 * Types for the used part of WebAssembly's JavaScript interface: the types of Node.js do not declare it. They are not
 * global, because global types would collide with those of browsers in projects that use them.
 */

/** A compiled module. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: "WebAssembly.Module";
}

/** A running module. */
export interface WasmInstance {
  readonly exports: { readonly [name: string]: unknown };
}

/** Functions for a module to import, by module name and function name. */
export type WasmImports = Readonly<Record<string, Readonly<Record<string, (...parameters: number[]) => unknown>>>>;

/** The memory of a running module. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** A global variable of a running module. */
export interface WasmGlobal {
  value: number | bigint;
}

interface Wasm {
  readonly Module: {
    new (bytes: Uint8Array<ArrayBuffer>): WasmModule;
    imports(module: WasmModule): readonly { readonly module: string; readonly name: string }[];
  };
  readonly Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance;
  readonly RuntimeError: new (message?: string) => Error;
  compile(bytes: Uint8Array<ArrayBuffer>): Promise<WasmModule>;
}

/** The platform's WebAssembly object. */
export const wasm: Wasm = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;
