/** Settings of transparent huge pages if an entry is a run of pages. khugepaged sleeps for weeks. */
export const RUN_SETTINGS: readonly (readonly [name: string, value: string])[] = [
  ["khugepaged/scan_sleep_millisecs", "4294967295"],
  ["khugepaged/max_ptes_none", "0"],
  ["shrink_underused", "1"],
];
