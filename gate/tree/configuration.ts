/** A kernel configuration for which a tree is compiled. */
export interface GateConfiguration {
  /** CONFIG_PAGE_MAPCOUNT; if false, CONFIG_NO_PAGE_MAPCOUNT. */
  readonly pageMapcount: boolean;
  /** CONFIG_64BIT: compiled for wasm64; if false, for wasm32. */
  readonly is64Bit: boolean;
  /** CONFIG_MM_ID and CONFIG_TRANSPARENT_HUGEPAGE. */
  readonly mmId: boolean;
}
