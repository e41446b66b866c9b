/** Addresses of code that the linker removed. */

/** The linker writes −1 or −2 as address; offsets within the code are added to it. */
const DISCARDED = 0xffff_0000;

/** Whether an address of the debug information belongs to removed code. A module has less than 4 GiB. */
export function isDiscarded(address: number): boolean {
  return address >= DISCARDED;
}
