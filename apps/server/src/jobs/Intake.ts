import type { Foresight } from "@testudo/chain/readAhead";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Input } from "@testudo/core/model/Input";
import type { Mailbox } from "./mailbox.ts";
import type { Foreseen } from "./stepper.ts";

// Blocks of history go to the detectors several at a time: the way to their thread and back is as long for many as for one.
const historyTogether = 8;

/** Takes inputs out of the mailbox, each with what is known of it before it asks; blocks of history several at a time. */
export interface Intake {
  /** What comes next; waits for it. Undefined once the mailbox is closed and empty. */
  next(): Promise<readonly Foreseen[] | undefined>;
  /** Blocks of history that are here already, to be looked up while others are judged. Undefined where there are none. */
  ahead(): Promise<readonly Foreseen[] | undefined>;
  /** What `ahead` took, with what has become known since. */
  again(taken: readonly Foreseen[]): Promise<readonly Foreseen[]>;
  /** To be told of each block of history whether it asked for what nobody had foreseen: the next may, and then goes alone. */
  note(asked: boolean): void;
}

/** What is known of a block before it asks. */
export type Foresee = (ref: BlockRef) => Promise<Foresight | undefined>;

export function makeIntake(mailbox: Mailbox, foreseeBlock: Foresee | undefined): Intake {
  let isAsking = true;

  const foresee = async (input: Input): Promise<Foreseen> => ({
    input,
    foresight: input.kind === "block" ? await foreseeBlock?.(input.bundle.ref) : undefined,
  });

  const mayGoAlong = ({ input, foresight }: Foreseen): boolean =>
    isOfHistory(input) && (foresight !== undefined || !isAsking);

  /** `first` and the blocks of history after it that are here, as far as it is known what they will ask. */
  const withFollowers = async (first: Input): Promise<readonly Foreseen[]> => {
    const steps = [await foresee(first)];
    while (mayGoAlong(steps.at(-1)!) && steps.length < historyTogether) {
      const next = await takeHere();
      if (next === undefined) break;
      steps.push(await foresee(next));
    }
    return steps;
  };

  const takeHere = async (): Promise<Input | undefined> => {
    // The stream is heard between two blocks.
    await new Promise(setImmediate);
    return mailbox.takeIf(isOfHistory);
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
    async again(taken) {
      const [first, ...others] = taken as [Foreseen, ...Foreseen[]];
      return others.length === 0 && first.foresight === undefined ? withFollowers(first.input) : taken;
    },
    note(asked) {
      isAsking = asked;
    },
  };
}

/** Whether `input` is a block that is judged after the fact. */
export function isOfHistory(input: Input): boolean {
  return input.kind === "block" && input.phase === "history";
}
