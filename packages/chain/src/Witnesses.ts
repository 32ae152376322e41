// What stands under no hash that could be checked here is a node's word. So another node is asked as well, and a third where
// the two differ.
import type { Member } from "./EndpointPool.ts";
import type { Proving } from "./ProofBook.ts";
import { PATIENCE_MS, pollInTurn } from "./pollInTurn.ts";
import type { Endpoint } from "./rpcEndpoint.ts";
import { sleep } from "./sleep.ts";
import { within } from "./within.ts";

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

export interface WitnessesOf<Q, A> extends Pick<Proving, "troubles" | "isLive"> {
  /** What is asked for, a word for troubles and messages. */
  readonly part: string;
  readonly isSame: (one: A, two: A) => boolean;
  /** What one question is about, where that says more than the block. */
  readonly nameOf?: (question: Q) => string;
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
  const { part, troubles, isLive, isSame, nameOf, againMs = 0 } = options;
  const resting = new Map<Member, number>();
  const isResting = (member: Member) => (resting.get(member) ?? 0) > Date.now();

  return {
    async hear(number, members, questions, ask) {
      if (!isLive(number) || members.length < 2) return undefined;
      // One that is left alone is asked all the same: in the order without a second one that hangs, or lies, may come first.
      const able = members.filter((member) => !isResting(member));
      const honest = able.filter(({ hasLied }) => !hasLied);
      const left = honest.length > 0 ? honest : able;
      const late = new Set<Member>();
      const poll = pollInTurn(
        () => left.shift(),
        async (member): Promise<Witness<A> | undefined> => {
          late.add(member);
          try {
            return { member, answers: await ask(member.endpoint, questions, { alone: false }) };
          } catch {
            // Why nobody has answered is told to whoever asks next, without a second.
            return undefined;
          } finally {
            late.delete(member);
          }
        },
      );
      const both = poll(2);
      const [one] = await poll(1);
      if (one === undefined) return undefined;
      const [first, second] = (await within(PATIENCE_MS, both)) ?? [one];
      for (const member of late) resting.set(member, Date.now() + restMs);
      if (first === undefined || second === undefined) return [...one.answers];
      const open = await differing([first, second], questions, ask);
      if (open.length === 0) {
        troubles.clear("endpoint-disagrees", `Nodes tell the same ${part} of block ${number} again.`, part);
        return [...first.answers];
      }
      const [third] = ((await within(PATIENCE_MS, poll(3))) ?? []).filter(
        (other) => other !== first && other !== second,
      );
      if (third !== undefined) {
        await askAlone(third, questions, open, ask);
        return decide(number, questions, [first, second, third], open);
      }
      contested(number, questions[open[0]!]!, [first, second]);
      return [...first.answers];
    },
  };

  /** The places of `questions` to which the two answer differently, each asked by itself; their answers become those. */
  async function differing(
    witnesses: readonly [Witness<A>, Witness<A>],
    questions: readonly Q[],
    ask: AskNode<Q, A>,
  ): Promise<readonly number[]> {
    const [one, two] = witnesses;
    const places = () => questions.flatMap((_, i) => (isSame(one.answers[i]!, two.answers[i]!) ? [] : [i]));
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
    const asked = ask(
      member.endpoint,
      open.map((i) => questions[i]!),
      { alone: true },
    ).catch(() => undefined);
    for (const [k, answer] of ((await within(PATIENCE_MS, asked)) ?? []).entries()) answers[open[k]!] = answer;
  }

  /** Takes the word of the first of `witnesses`, none of whom another bears out. */
  function contested(number: bigint, question: Q, witnesses: readonly Witness<A>[]): void {
    const labels = witnesses.map(({ member }) => member.endpoint.label);
    const what = nameOf === undefined ? "" : ` (${nameOf(question)})`;
    const who = labels.length > 2 ? `${labels.slice(0, -1).join(", ")} and ${labels.at(-1)}` : labels.join(" and ");
    const why = labels.length > 2 ? "no two of them the same" : "and no third can be asked";
    const word = `Nodes ${who} tell different ${part} of block ${number}${what}, ${why}: what is read is the word of ${labels[0]}.`;
    // Whoever hides something may agree again right after it: that it is over settles nothing.
    troubles.raise("endpoint-disagrees", word, false, part);
  }

  function decide(
    number: bigint,
    questions: readonly Q[],
    witnesses: readonly [Witness<A>, Witness<A>, Witness<A>],
    open: readonly number[],
  ): A[] {
    const [first, second, third] = witnesses;
    const answers = [...first.answers];
    for (const i of open) {
      const odd = isSame(third.answers[i]!, first.answers[i]!)
        ? second
        : isSame(third.answers[i]!, second.answers[i]!)
          ? first
          : undefined;
      if (odd === undefined) {
        contested(number, questions[i]!, witnesses);
        continue;
      }
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
