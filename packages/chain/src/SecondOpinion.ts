// What detectors read of state stands under no hash that could be checked here: a view is code, and its answer the node's
// word. So another node is asked as well, and a third where the two differ.
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { NodeRead, StateAnswer } from "@testudo/core/model/StateRead";
import type { EndpointPool, Member } from "./EndpointPool.ts";
import type { Proving } from "./ProofBook.ts";
import { PATIENCE_MS, pollInTurn } from "./pollInTurn.ts";
import type { Endpoint } from "./rpcEndpoint.ts";
import { within } from "./within.ts";

/** Asks one node: `alone` each question by itself, where a node's limits for many in one could make the difference. */
export type AskState = (
  endpoint: Endpoint,
  reads: readonly NodeRead[],
  options: { readonly alone: boolean },
) => Promise<StateAnswer[]>;

/** State that is no one node's word, over one stream. */
export interface SecondOpinion {
  /**
   * The answers to `reads` at live block `ref` that two nodes give alike, in their order; where two alone can be asked and
   * differ, those of who is asked first, and that is told. Undefined where no second is asked: for history, where only
   * one node is there, or where nobody has answered.
   */
  read(ref: BlockRef, reads: readonly NodeRead[], ask: AskState): Promise<StateAnswer[] | undefined>;
}

// Who does not answer in time is left out for so long: each block would wait for it.
const restMs = 30_000;
const part = "state";

/** Makes a second opinion over the nodes of a stream. */
export function makeSecondOpinion({ pool, troubles, isLive }: SecondOpinionOf): SecondOpinion {
  const resting = new Map<Member, number>();
  const isResting = (member: Member) => (resting.get(member) ?? 0) > Date.now();
  // Of those that rest: who is still at what it was asked.
  const busy = new Set<Member>();

  return {
    async read(ref, reads, ask) {
      const { number } = ref;
      if (!isLive(number)) return undefined;
      const all = pool.candidates(number);
      if (all.length < 2) return undefined;
      const honest = all.filter(({ hasLied }) => !hasLied);
      const able = honest.length > 0 ? honest : all;
      // One that is left alone is asked all the same: in the order without a second one that hangs, or lies, may come first.
      const awake = able.filter((member) => !isResting(member));
      const left = [...awake, ...able.filter((member) => isResting(member) && !busy.has(member))];
      // A contract of a stranger may answer each node otherwise, so that an honest one is outvoted: it still breaks a tie.
      const liars = all.filter((member) => !able.includes(member));
      let isTie = false;
      const underWay = new Set<Member>();
      const poll = pollInTurn(
        () => left.shift() ?? (isTie ? liars.shift() : undefined),
        async (member): Promise<Witness | undefined> => {
          underWay.add(member);
          try {
            return { member, answers: await ask(member.endpoint, reads, { alone: false }) };
          } catch {
            // Why nobody has answered is told to whoever asks next, without a second.
            return undefined;
          } finally {
            underWay.delete(member);
            busy.delete(member);
          }
        },
      );

      async function compare([first, second]: readonly Witness[]): Promise<StateAnswer[]> {
        if (second === undefined) return [...first!.answers];
        const two = [first!, second] as const;
        const open = await differing(two, reads, ask);
        if (open.length === 0) {
          troubles.clear("endpoint-disagrees", `Nodes tell the same state of block ${number} again.`, part);
          return [...first!.answers];
        }
        isTie = true;
        const [third] = ((await within(PATIENCE_MS, poll(3))) ?? []).filter((other) => !two.includes(other));
        if (third === undefined) return contested(number, reads, two, open);
        await askAlone(third, open, reads, ask);
        return decide(number, reads, [...two, third], open);
      }

      const both = poll(2);
      const [one] = await poll(1);
      if (one === undefined) return undefined;
      // Who hangs costs a second, and so does who hangs in its place; who rests is not waited for.
      const pair = await within(PATIENCE_MS * Math.min(2, Math.max(0, awake.length - 1)), both);
      for (const member of underWay) {
        busy.add(member);
        if (!isResting(member)) resting.set(member, Date.now() + restMs);
      }
      if (pair !== undefined) return compare(pair);
      // Whoever makes the others slow is not to have the only word unheard: what they say late is told where it is another.
      const late = both.then((found) => compare([one, ...found.filter((other) => other !== one)]));
      late.catch(() => {});
      return [...one.answers];
    },
  };

  function contested(
    number: bigint,
    reads: readonly NodeRead[],
    witnesses: readonly Witness[],
    open: readonly number[],
  ): StateAnswer[] {
    const labels = witnesses.map(({ member }) => member.endpoint.label);
    const names = `${labels.slice(0, -1).join(", ")} and ${labels.at(-1)}`;
    const why = labels.length > 2 ? "" : ", and no third can be asked";
    const word = `Nodes ${names} tell different state of block ${number} (${nameOf(reads[open[0]!]!)})${why}: what is read is the word of ${labels[0]}.`;
    // Whoever hides something may agree again right after it: that it is over settles nothing.
    troubles.raise("endpoint-disagrees", word, false, part);
    return [...witnesses[0]!.answers];
  }

  function decide(
    number: bigint,
    reads: readonly NodeRead[],
    witnesses: readonly [Witness, Witness, Witness],
    open: readonly number[],
  ): StateAnswer[] {
    const [first, second, third] = witnesses;
    const isOdd = (i: number) => ![first, second].some(({ answers }) => isSame(third.answers[i]!, answers[i]!));
    const undecided = open.filter(isOdd);
    const answers = undecided.length > 0 ? contested(number, reads, witnesses, undecided) : [...first.answers];
    for (const i of open) {
      if (isOdd(i)) continue;
      const odd = isSame(third.answers[i]!, first.answers[i]!) ? second : first;
      answers[i] = third.answers[i]!;
      const { label } = odd.member.endpoint;
      // Asked last from now on: two nodes agree without it.
      odd.member.hasLied = true;
      troubles.raise("endpoint-disagrees", new StateOutvoted(label, number, nameOf(reads[i]!)).message, false, label);
    }
    return answers;
  }
}

/** What a second opinion needs of its stream. */
export interface SecondOpinionOf extends Pick<Proving, "troubles" | "isLive"> {
  readonly pool: Pick<EndpointPool, "candidates">;
}

interface Witness {
  readonly member: Member;
  readonly answers: StateAnswer[];
}

/** The places of `reads` to which the two answer differently, each asked by itself; their answers become those. */
async function differing(
  witnesses: readonly [Witness, Witness],
  reads: readonly NodeRead[],
  ask: AskState,
): Promise<readonly number[]> {
  const [one, two] = witnesses;
  const places = () => reads.flatMap((_, i) => (isSame(one.answers[i]!, two.answers[i]!) ? [] : [i]));
  const open = places();
  if (open.length === 0) return open;
  await Promise.all(witnesses.map((witness) => askAlone(witness, open, reads, ask)));
  return places();
}

/** Asks `witness` each of `reads` at `open` by itself, in the place of what it said among others. */
async function askAlone(
  { member, answers }: Witness,
  open: readonly number[],
  reads: readonly NodeRead[],
  ask: AskState,
): Promise<void> {
  const some = open.map((i) => reads[i]!);
  const asked = ask(member.endpoint, some, { alone: true }).catch(() => undefined);
  for (const [k, answer] of ((await within(PATIENCE_MS, asked)) ?? []).entries()) answers[open[k]!] = answer;
}

function isSame(one: StateAnswer, two: StateAnswer): boolean {
  // In which words a node says that a call reverts is its own.
  return one.ok && two.ok ? one.value === two.value : one.ok === two.ok;
}

function nameOf(read: NodeRead): string {
  if (read.kind === "call") return `call ${read.data.slice(0, 10)} of ${read.to}`;
  return read.kind === "slot" ? `slot ${read.slot} of ${read.address}` : `${read.kind} of ${read.address}`;
}

/** Two other nodes read something else of the same block. */
export class StateOutvoted extends Error {
  override readonly name = "StateOutvoted";
  constructor(endpoint: string, number: bigint, what: string) {
    super(
      [
        `Node ${endpoint} tells other state of block ${number} than two others: ${what}.`,
        "- What these two say was taken.",
        "- Look at what this node is, and watch without it until then; it is asked after all others.",
      ].join("\n"),
    );
  }
}
