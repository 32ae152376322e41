/** The largest file of a call tree, and what a compressed one may unpack to. */
export const mostBytes = 64 * 1024 * 1024;

/** Calls of one transaction; no block has gas for more that do anything. */
export const mostCalls = 50_000;
