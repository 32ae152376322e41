// What stands under no hash that could be checked here is a node's word. So another node is asked as well, and a third where
// the two differ.
import type { EndpointPool, Member } from "../nodes/EndpointPool.ts";
import { PATIENCE_MS, pollInTurn } from "../rpc/pollInTurn.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { sleep } from "../rpc/sleep.ts";
import { within } from "../rpc/within.ts";
import type { Proving } from "./ProofBook.ts";

/** Asks one node: `alone` each question by itself, where a node's limits for many in one could make the difference. */
export type AskNode<Q, A> = (
  endpoint: Endpoint,
  questions: readonly Q[],
  options: { readonly alone: boolean },
) => Promise<A[]>;

/** Answers that are no one node's word, over one stream. */
export interface Witnesses<Q, A> {
  /**
   * The answers to `questions` about block `number` that two of `members` give alike, in their order; where two alone can be
   * asked and differ, those of who is asked first, and that is told. Undefined where no second is asked: for history, where
   * only one node is there, or where nobody has answered.
   */
  hear(
    number: bigint,
    members: readonly Member[],
    questions: readonly Q[],
    ask: AskNode<Q, A>,
  ): Promise<A[] | undefined>;
}

/** What whoever hears several nodes needs of their stream. */
export interface Hearing extends Pick<Proving, "troubles" | "isLive"> {
  readonly pool: Pick<EndpointPool, "members" | "candidates">;
}

export interface WitnessesOf<Q, A> extends Hearing {
  /** What is asked for, a word for troubles and messages. */
  readonly part: string;
  readonly isSame: (one: A, two: A) => boolean;
  /** Whether an answer says nothing, as that there was no time for it. Default never. */
  readonly isSilent?: (answer: A) => boolean;
  /** Whether a question of which one says nothing is left open, whatever another says of it. */
  readonly isSilenceKept?: boolean;
  /** What one question is about, where that says more than the block. */
  readonly nameOf?: (question: Q) => string;
  /** Whether a question takes a node no longer by itself: who hangs over it then is waited for no more either. */
  readonly isAsQuickAlone?: boolean;
  /** Told of whoever is not waited for any more. */
  readonly onLate?: (member: Member) => void;
  /** How long two that differ are waited for before they are asked once more. Default not at all. */
  readonly againMs?: number;
}

interface Witness<A> {
  readonly member: Member;
  readonly answers: A[];
}

// Who does not answer in time is left out for so long: each block would wait for it.
const restMs = 30_000;

/** Makes them for one part of what nodes say. */
export function makeWitnesses<Q, A>(options: WitnessesOf<Q, A>): Witnesses<Q, A> {
  const {
    part,
    pool,
    troubles,
    isLive,
    isSame,
    nameOf,
    isSilent = () => false,
    isSilenceKept = false,
    isAsQuickAlone = false,
    onLate = () => {},
    againMs = 0,
  } = options;
  const resting = new Map<Member, number>();
  const isResting = (member: Member) => (resting.get(member) ?? 0) > performance.now();
  // Of those that rest: who is still at what it was asked.
  const busy = new Set<Member>();
  const rest = (member: Member): void => {
    busy.add(member);
    if (isResting(member)) return;
    resting.set(member, performance.now() + restMs);
    onLate(member);
  };
  const isMostHonest = () => pool.members.filter(({ hasLied }) => !hasLied).length * 2 > pool.members.length;

  return {
    async hear(number, members, questions, ask) {
      if (!isLive(number) || members.length < 2) return undefined;
      const honest = members.filter(({ hasLied }) => !hasLied);
      // A stranger's contract may answer each node otherwise, so that honest ones are outvoted: where most were, who is left has not the
      // only word.
      const able =
        honest.length > 0 && isMostHonest() ? honest : [...honest, ...members.filter(({ hasLied }) => hasLied)];
      // One that is left alone is asked all the same: in the order without a second one that hangs, or lies, may come first.
      const awake = able.filter((member) => !isResting(member));
      const left = [...awake, ...able.filter((member) => isResting(member) && !busy.has(member))];
      // For the same reason they still break a tie.
      const liars = members.filter((member) => !able.includes(member));
      let isTie = false;
      const underWay = new Set<Member>();
      const poll = pollInTurn(
        () => left.shift() ?? (isTie ? liars.shift() : undefined),
        async (member): Promise<Witness<A> | undefined> => {
          underWay.add(member);
          try {
            return { member, answers: await ask(member.endpoint, questions, { alone: false }) };
          } catch {
            // Why nobody has answered is told to whoever asks next, without a second.
            return undefined;
          } finally {
            underWay.delete(member);
            busy.delete(member);
          }
        },
      );

      async function compare([first, second]: readonly Witness<A>[]): Promise<A[]> {
        if (second === undefined) return [...first!.answers];
        const two = [first!, second] as const;
        const open = await differing(two, questions, ask);
        if (open.length === 0) {
          troubles.clear("endpoint-disagrees", `Nodes tell the same ${part} of block ${number} again.`, part);
          return heardOf(two);
        }
        isTie = true;
        const [third] = ((await within(PATIENCE_MS, poll(3))) ?? []).filter((other) => !two.includes(other));
        if (third === undefined) return contested(number, questions[open[0]!]!, two);
        await askAlone(third, questions, open, ask);
        return decide(number, questions, [...two, third], open);
      }

      const both = poll(2);
      const [one] = await poll(1);
      if (one === undefined) return undefined;
      // Who hangs costs a second, and so does who hangs in its place; who rests is not waited for.
      const pair = await within(PATIENCE_MS * Math.min(2, Math.max(0, awake.length - 1)), both);
      for (const member of underWay) rest(member);
      if (pair !== undefined) return compare(pair);
      // Whoever makes the others slow is not to have the only word unheard: what they say late is told where it is another.
      const late = both.then((found) => compare([one, ...found.filter((other) => other !== one)]));
      late.catch(() => {});
      return [...one.answers];
    },
  };

  /** The places of `questions` to which the two answer differently, each asked by itself; their answers become those. */
  async function differing(
    witnesses: readonly [Witness<A>, Witness<A>],
    questions: readonly Q[],
    ask: AskNode<Q, A>,
  ): Promise<readonly number[]> {
    const [one, two] = witnesses;
    // Who says nothing of a question is of no other opinion.
    const agree = (a: A, b: A) => isSilent(a) || isSilent(b) || isSame(a, b);
    const places = () => questions.flatMap((_, i) => (agree(one.answers[i]!, two.answers[i]!) ? [] : [i]));
    const open = places();
    if (open.length === 0) return open;
    await sleep(againMs);
    await Promise.all(witnesses.map((witness) => askAlone(witness, questions, open, ask)));
    return places();
  }

  async function askAlone(
    { member, answers }: Witness<A>,
    questions: readonly Q[],
    open: readonly number[],
    ask: AskNode<Q, A>,
  ): Promise<void> {
    let isUnderWay = true;
    const asked = ask(
      member.endpoint,
      open.map((i) => questions[i]!),
      { alone: true },
    )
      .catch(() => undefined)
      .finally(() => {
        isUnderWay = false;
        busy.delete(member);
      });
    const told = (await within(PATIENCE_MS, asked)) ?? [];
    if (isUnderWay && isAsQuickAlone) rest(member);
    for (const [k, answer] of told.entries()) answers[open[k]!] = answer;
  }

  /** The word of the first of `witnesses`, none of whom another bears out; that is told. */
  function contested(number: bigint, question: Q, witnesses: readonly Witness<A>[]): A[] {
    const labels = witnesses.map(({ member }) => member.endpoint.label);
    const names = `${labels.slice(0, -1).join(", ")} and ${labels.at(-1)}`;
    const what = nameOf === undefined ? "" : ` (${nameOf(question)})`;
    const why = labels.length > 2 ? "" : ", and no third can be asked";
    const word = `Nodes ${names} tell different ${part} of block ${number}${what}${why}: what is read is the word of ${labels[0]}.`;
    // Whoever hides something may agree again right after it: that it is over settles nothing.
    troubles.raise("endpoint-disagrees", word, false, part);
    return heardOf(witnesses);
  }

  /** Of each question what the first of `witnesses` says that says anything, or where silence is kept the first that does not. */
  function heardOf(witnesses: readonly Witness<A>[]): A[] {
    const [first] = witnesses;
    return first!.answers.map(
      (own, i) => witnesses.find(({ answers }) => isSilent(answers[i]!) === isSilenceKept)?.answers[i] ?? own,
    );
  }

  function decide(
    number: bigint,
    questions: readonly Q[],
    witnesses: readonly [Witness<A>, Witness<A>, Witness<A>],
    open: readonly number[],
  ): A[] {
    const [first, second, third] = witnesses;
    const isOdd = (i: number) =>
      isSilent(third.answers[i]!) || ![first, second].some(({ answers }) => isSame(third.answers[i]!, answers[i]!));
    const undecided = open.find(isOdd);
    const answers =
      undecided === undefined ? heardOf([first, second]) : contested(number, questions[undecided]!, witnesses);
    for (const i of open) {
      if (isOdd(i)) continue;
      const odd = isSame(third.answers[i]!, first.answers[i]!) ? second : first;
      answers[i] = third.answers[i]!;
      const { label } = odd.member.endpoint;
      // Asked last from now on: two nodes agree without it.
      odd.member.hasLied = true;
      const told = new NodeOutvoted(label, `${part} of block ${number}`, nameOf?.(questions[i]!));
      troubles.raise("endpoint-disagrees", told.message, false, label);
    }
    return answers;
  }
}

/** Two other nodes say something else of the same block. */
export class NodeOutvoted extends Error {
  override readonly name = "NodeOutvoted";
  constructor(endpoint: string, part: string, what: string | undefined) {
    super(
      [
        `Node ${endpoint} tells other ${part} than two others${what === undefined ? "" : `: ${what}`}.`,
        "- What these two say was taken.",
        "- Look at what this node is, and watch without it until then; it is asked after all others.",
      ].join("\n"),
    );
  }
}
