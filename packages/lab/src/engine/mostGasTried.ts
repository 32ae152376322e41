/**
 * Gas that a transaction may have at most where it is only tried, whatever its block has room for: twenty to thirty blocks of mainnet.
 * Nobody bounds what waits in a pool, and before EIP-7825 no fork did; gas alone bounds how long an engine runs.
 */
export const mostGasTried = 1n << 30n;
