import type { DrainSign } from "../../signs/DrainSign.ts";

/** Signs that make a gain of the actors grave: a small loss needs one of them. */
export const strongSigns: readonly DrainSign[] = ["Z4", "Z5", "Z7"];
