/** The data folder where nothing else is said. */
export const defaultDataDir = ".testudo";
