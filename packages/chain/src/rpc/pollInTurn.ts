import { within } from "./within.ts";

/** Whoever hangs holds up nobody for longer where another can be asked. Few nodes that are well take as long to name a block. */
export const PATIENCE_MS = 1_000;

/**
 * A poll of those that `next` names: gives `count` answers, in its order, and those of others in the place of those that fail (undefined)
 * or have not answered for a second; fewer where nobody is left. Where more are wanted later, whoever was late is still heard. Rejects as
 * `ask` does.
 */
export function pollInTurn<M, T>(
  next: () => M | undefined,
  ask: (member: M, isFirst: boolean) => Promise<T | undefined>,
): (count: number) => Promise<T[]> {
  const answers: (T | undefined)[] = [];
  const underWay = new Set<Promise<void>>();
  const found = () => answers.filter((answer) => answer !== undefined);
  const askNext = (): boolean => {
    const member = next();
    if (member === undefined) return false;
    const place = answers.push(undefined) - 1;
    const answered = ask(member, place === 0).then((answer) => {
      answers[place] = answer;
      underWay.delete(answered);
    });
    // Of one that is waited for no more nobody hears.
    answered.catch(() => {});
    underWay.add(answered);
    return true;
  };
  return async (count) => {
    while (found().length < count) {
      while (found().length + underWay.size < count && askNext());
      if (underWay.size === 0) break;
      const isInTime = await within(
        PATIENCE_MS,
        Promise.race(underWay).then(() => true),
      );
      if (isInTime !== true) askNext();
    }
    return found();
  };
}
