/** A tree, a patch or a base that the gate cannot work with. The message is one line that says what, and what to do. */
export class TreeError extends Error {}
