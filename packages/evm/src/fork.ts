/** Rules by name, oldest first. */
export const forkNames = ["cancun", "prague"] as const;
export type Fork = (typeof forkNames)[number];
