/** Addresses of code that the linker left out. */

/** The linker writes −1 or −2, to which offsets within the code are added. */
const DISCARDED = 0xffff_0000;

/** Whether an address of the debug information is of code that is not in the module, which has less than 4 GiB. */
export function isDiscarded(address: number): boolean {
  return address >= DISCARDED;
}
