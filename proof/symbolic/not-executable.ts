/** Code that cannot be executed with symbols. The message is what it has, as a noun with its article. */
export class NotExecutable extends Error {}
