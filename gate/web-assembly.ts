/** The part of WebAssembly's JavaScript interface that is used here: Node.js has it, and its types do not say so. */

declare global {
  namespace WebAssembly {
    class Module {
      private readonly brand: never;
      constructor(bytes: Uint8Array<ArrayBuffer>);
    }
    class Instance {
      readonly exports: { readonly [name: string]: unknown };
      constructor(module: Module, imports: Readonly<Record<string, never>>);
    }
    class Memory {
      readonly buffer: ArrayBuffer;
    }
    class Global {
      value: number | bigint;
    }
    class RuntimeError extends Error {}
    function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
  }
}

export {};
