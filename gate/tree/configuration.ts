/** Kernel configurations that a tree is compiled for. */

/** A kernel configuration to compile for. */
export interface GateConfiguration {
  /** CONFIG_PAGE_MAPCOUNT; off: CONFIG_NO_PAGE_MAPCOUNT. */
  readonly pageMapcount: boolean;
  /** CONFIG_64BIT: compiled for wasm64, else for wasm32. */
  readonly is64Bit: boolean;
  /** CONFIG_MM_ID, and with it CONFIG_TRANSPARENT_HUGEPAGE. */
  readonly mmId: boolean;
}
