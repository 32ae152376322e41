// The plays of `npm run soak`. Each gives its faults, none when all is well.
import { faultsOf } from "./faultsOf.ts";
import { playKilled } from "./playKilled.ts";

export interface SoakOptions {
  readonly seed: number;
  readonly kills: number;
  readonly say: (text: string) => void;
}

export interface SoakPlay {
  readonly name: string;
  readonly play: (options: SoakOptions) => Promise<readonly string[]>;
}

export const plays: readonly SoakPlay[] = [{ name: "killed", play: async (options) => faultsOf(await playKilled(options)) }];
