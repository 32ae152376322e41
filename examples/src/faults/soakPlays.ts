// The plays of `npm run soak`. Each gives its faults, none when all is well.
import { createRandom } from "../curie/Random.ts";
import { type CrashPoint, crashPoints, crashSender } from "./crashSender.ts";
import { playDropOut } from "./dropOut.ts";
import { faultsOf } from "./faultsOf.ts";
import { playKilled } from "./playKilled.ts";
import { faultsOfReplay, playReplay } from "./playReplay.ts";
import { makeFolder, openTill } from "./till.testkit.ts";

export interface SoakOptions {
  readonly seed: number;
  /** How often a defender or a sender is killed in one play. */
  readonly kills: number;
  readonly say: (text: string) => void;
}

export interface SoakPlay {
  readonly name: string;
  readonly play: (options: SoakOptions) => Promise<readonly string[]>;
}

const awayMs = 30_000;

export const plays: readonly SoakPlay[] = [
  { name: "killed", play: async (options) => faultsOf(await playKilled(options)) },
  { name: "crashed-sender", play: playSender },
  {
    name: "replay",
    play: async ({ seed, kills, say }) =>
      faultsOfReplay(await playReplay({ seed, blocks: 500, reorgs: 20, kills: kills * 20, say })),
  },
  { name: "drop-out", play: ({ say }) => playDropOut(awayMs, say) },
];

async function playSender({ seed, kills, say }: SoakOptions): Promise<readonly string[]> {
  const random = createRandom(seed);
  const points = Array.from({ length: kills }, (): CrashPoint => random.pick(crashPoints));
  const folder = makeFolder();
  const world = await openTill();
  try {
    return await crashSender(world, folder.path, points, say);
  } finally {
    await world.close();
    folder.remove();
  }
}
