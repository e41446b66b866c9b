/**
 * The part of WebAssembly's JavaScript interface that is used here. Node.js has it, and its types do not declare it; nor do
 * these declare it globally, where it would collide with that of projects that have the types of browsers.
 */

/** A compiled module. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: "WebAssembly.Module";
}

/** A running module. */
export interface WasmInstance {
  readonly exports: { readonly [name: string]: unknown };
}

/** Functions for a module, by the name of the module that it imports them from and their own. */
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

/** WebAssembly, as the platform has it. */
export const wasm: Wasm = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;
