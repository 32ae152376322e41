import type { Visit } from "../../model/CallTree.ts";
import type { Address, Hex } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import type { Sign } from "./Sign.ts";
import { gainersOf, type Story } from "./Story.ts";
import { checksIn } from "./signatures.ts";

interface Exit {
  readonly owner: number;
  readonly receiver: number;
  readonly weight: number;
}

/** Functions that take a position of one and pay it to another: the places of both among the arguments. */
const exits: ReadonlyMap<Hex, Exit> = new Map([
  ["0x8bdb3913", { owner: 1, receiver: 2, weight: 2 }], // exitPool(bytes32,address,address,(address[],uint256[],bytes,bool)) of Balancer
  ["0xb460af94", { owner: 2, receiver: 1, weight: 1 }], // withdraw(uint256,address,address) of ERC-4626
  ["0xba087652", { owner: 2, receiver: 1, weight: 1 }], // redeem(uint256,address,address) of ERC-4626
  ["0x97da6d30", { owner: 1, receiver: 2, weight: 1 }], // withdraw(address,address,address,uint256,uint256) of BentoBox
]);
/** What gives the right to it names the owner too: setMasterContractApproval(address,address,bool,uint8,bytes32,bytes32) of BentoBox. */
const grants: ReadonlySet<Hex> = new Set(["0xc0a47c93"]);

/** Of so many owners on all that they have is taken by nobody who manages it. */
const manyOwners = 3;
const redeem: Hex = "0xba087652";

/**
 * Foreign exit (weight 2, 1 of vaults but where all that three and more have is redeemed, 3 where the actors gave the owner's word for it): the
 * actors have an outsider end the position of somebody who has no part in this transaction, and name themselves as the
 * receiver, or for those three who only receives; its owner signed nothing here, ends with more of nothing, and is named to
 * nobody else.
 *
 * Whoever manages other people's positions pays out to them, or names them where he puts it; of vaults a hot wallet may empty a
 * cold one. Source: Bazaar (2024), whose exit did not ask who called; Rice (2025), where anybody gave the owner's word; Reaper
 * Farm (2022), whose vault did not ask for an allowance. Evasion: a function of another name; sending dust to the owner.
 */
export function findForeignExit(story: Story): Sign | undefined {
  const found = story.direct.filter((visit) => exits.has(visit.selector));
  if (found.length === 0) return undefined;
  const victims = new Set<Address>();
  const [gainers, checks, named] = [gainersOf(story), checksIn(story), namedElsewhere(story)];
  const granted = new Set(story.direct.flatMap((v) => (grants.has(v.selector) ? [argument(v.frame.input, 0)] : [])));
  const isAll = found.length < manyOwners ? () => false : wholeRedemptions(story);
  const robbed = new Map<Address, Set<Address>>();
  let [count, weight] = [0, 0];
  for (const visit of found) {
    const { selector: name, frame, context } = visit;
    const places = exits.get(name)!;
    const [owner, receiver] = [argument(frame.input, places.owner), argument(frame.input, places.receiver)];
    if (isNobody(owner) || gainers.has(owner) || checks.has(owner) || named.has(owner)) continue;
    if (story.actors.has(owner) || story.made.has(owner) || story.active.has(owner)) continue;
    const owners = robbed.get(receiver) ?? new Set<Address>();
    robbed.set(receiver, owners);
    if (isAll(visit, owner)) owners.add(owner);
    const isMany = owners.size >= manyOwners;
    if (!story.actors.has(receiver) && !(isMany && story.purses.has(receiver))) continue;
    victims.add(owner).add(context);
    count += 1;
    weight = Math.max(weight, granted.has(owner) ? 3 : isMany ? 2 : places.weight);
  }
  return count === 0 ? undefined : { name: "foreign-exit", weight, victims: [...victims], count };
}

/**
 * Whether a redemption is of exactly the shares that the actors had asked for as the owner's: who manages positions has been told how much
 * to take, who robs them takes what is there.
 */
function wholeRedemptions({ visits, actors }: Story): (visit: Visit, owner: Address) => boolean {
  const answers = new Map<string, Set<string>>();
  for (const { context, frame, parent, selector: name } of visits) {
    if (name !== selector.balanceOf || parent === undefined || !actors.has(parent.context)) continue;
    const key = `${context}${argument(frame.input, 0)}`;
    const told = answers.get(key) ?? new Set();
    answers.set(key, told.add(frame.output.slice(2, 66)));
  }
  return ({ selector: name, context, frame }, owner) =>
    name === redeem && answers.get(`${context}${owner}`)?.has(frame.input.slice(10, 74)) === true;
}

function argument(input: Hex, place: number): Address {
  const start = 10 + 64 * place;
  return `0x${input.slice(start + 24, start + 64)}`;
}

/** Nobody, what stands for the coin, or what chains build in. */
function isNobody(owner: Address): boolean {
  return owner.length < 42 || /^0x(e{40}|0{38}.{2})$/.test(owner);
}

const mostWords = 128;

/** Who is named in other calls of the actors, as whoever something is put in or repaid for is. */
function namedElsewhere({ direct }: Story): Set<Address> {
  const named = new Set<Address>();
  for (const { selector: name, frame } of direct) {
    if (exits.has(name) || grants.has(name)) continue;
    for (let place = 0; place < mostWords && 74 + 64 * place <= frame.input.length; place += 1)
      named.add(argument(frame.input, place));
  }
  return named;
}
