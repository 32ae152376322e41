/** How long is waited for what has to come, on a machine that other work may keep busy. It claims nothing about how long it takes. */
export const patient = { timeout: 60_000, interval: 20 } as const;
