/** All machines that can be selected by name. */
import type { MachineDefinition } from "./machine.ts";
import { OWNER_TRACKING } from "./owner-tracking.ts";
import { cow } from "./page-tables/cow.ts";
import { type PageTableMachine, pageTableMachine } from "./page-tables/machine.ts";
import { migration } from "./page-tables/migration.ts";
import { mremap } from "./page-tables/mremap.ts";
import { pins } from "./page-tables/pins.ts";
import { pmd } from "./page-tables/pmd.ts";
import { rmap } from "./page-tables/rmap.ts";
import { shmem } from "./page-tables/shmem.ts";
import { split } from "./page-tables/split.ts";
import { swap } from "./page-tables/swap.ts";
import { RACE_MACHINE } from "./race.ts";
import { STRUCT_PAGES } from "./struct-pages.ts";

/** Machines with page tables. */
export const PAGE_TABLE_MACHINES: readonly PageTableMachine[] = [
  rmap,
  pmd,
  cow,
  mremap,
  pins,
  swap,
  shmem,
  migration,
  split,
];

/** All machines that can be selected by name. */
export const MACHINES: readonly MachineDefinition[] = [
  OWNER_TRACKING,
  ...PAGE_TABLE_MACHINES.map(pageTableMachine),
  STRUCT_PAGES,
  RACE_MACHINE,
];
