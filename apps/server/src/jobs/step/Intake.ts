import type { ForeseeingReader } from "@testudo/chain/state/readAhead";
import type { Input } from "@testudo/core/model/Input";
import type { Mailbox } from "./mailbox.ts";
import type { Foreseen } from "./stepper.ts";

// Blocks of history go to the detectors several at a time: the way to their thread and back is as long for many as for one.
const historyTogether = 8;
// After as many blocks that asked for nothing unforeseen, the next are taken to ask for nothing either.
const quietBlocks = 32;

/** Takes inputs out of the mailbox, each with what is known of it before it asks; blocks of history several at a time. */
export interface Intake {
  /** What comes next; waits for it. Undefined once the mailbox is closed and empty. */
  next(): Promise<readonly Foreseen[] | undefined>;
  /** Blocks of history that are here already, to be looked up while others are judged. Undefined where there are none. */
  ahead(): Promise<readonly Foreseen[] | undefined>;
  /** To be told of each block of history whether it asked for what nobody had foreseen. */
  note(asked: boolean): void;
}

/** Who knows what blocks will ask for. */
export type Seer = Pick<ForeseeingReader, "foresee" | "isForeseen">;

export function makeIntake(mailbox: Mailbox, seer: Seer | undefined): Intake {
  let quiet = 0;

  const foresee = async (input: Input): Promise<Foreseen> => ({
    input,
    foresight: input.kind === "block" ? await seer?.foresee(input.bundle.ref) : undefined,
  });

  // What would have to ask stays where it is: what is asked of blocks is fetched ahead for those that are still to come.
  const goesAlong = (input: Input): boolean =>
    isOfHistory(input) &&
    (quiet >= quietBlocks || (input.kind === "block" && seer?.isForeseen(input.bundle.ref) === true));

  /** `first` and the blocks of history after it that are here, as far as it is known what they will ask. */
  const withFollowers = async (first: Input): Promise<readonly Foreseen[]> => {
    const steps = [await foresee(first)];
    while (goesAlong(first) && steps.length < historyTogether) {
      const next = await takeHere();
      if (next === undefined) break;
      steps.push(await foresee(next));
    }
    return steps;
  };

  const takeHere = async (): Promise<Input | undefined> => {
    // The stream is heard between two blocks.
    await new Promise(setImmediate);
    return mailbox.takeIf(goesAlong);
  };

  return {
    async next() {
      const first = await mailbox.take();
      return first && withFollowers(first);
    },
    async ahead() {
      const first = await takeHere();
      return first && withFollowers(first);
    },
    note(asked) {
      quiet = asked ? 0 : quiet + 1;
    },
  };
}

/** Whether `input` is a block that is judged after the fact. */
export function isOfHistory(input: Input): boolean {
  return input.kind === "block" && input.phase === "history";
}
