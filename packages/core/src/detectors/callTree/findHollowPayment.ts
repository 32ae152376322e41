import { type Asset, zeroAddress } from "../../model/Asset.ts";
import type { Visit } from "../../model/CallTree.ts";
import type { Address } from "../../model/Hex.ts";
import { selector } from "../../model/KnownSignature.ts";
import { oncePer } from "../../model/oncePer.ts";
import { readTransferCall } from "../../model/Transfer.ts";
import { isHandOver, tokenHooks } from "../../signs/PoolCallback.ts";
import type { Sign } from "./Sign.ts";
import { entryTo, type Story } from "./Story.ts";

/** Where no contract stands: the zero address, and what stands for the coin of the chain. */
const nobody: ReadonlySet<Address> = new Set([zeroAddress, "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]);

/**
 * Hollow payment (weight 3, 1.5 in the actors' code): an outsider takes for paid what nobody paid. Either it pulls the actors' money from an address
 * without a contract, which answers every call with success; or it has a function of the actors' own code pay it, which
 * answers nothing and moves nothing, and then has a token minted for them; or it pulls the payment from the actors' contract as if that
 * were a token, which it is to nobody else here, and in the same call or later pays them itself.
 *
 * Honest libraries look whether a token is a contract; who is asked to pay in a callback pays, or is told of what is minted
 * already. Callbacks of pools, lenders and token standards are left out. Source: Qubit (2022), Visor (2021), Minto (2023). Evasion: a token
 * without value at an address of its own; moving dust in the callback.
 */
export function findHollowPayment(story: Story): Sign | undefined {
  const victims = new Set<Address>();
  const given = assetsGiven(story);
  // The last time that an outsider had the actors' code do something which moved nothing.
  let asked = -1;
  for (const visit of story.acts) {
    const taker = visit.parent?.context;
    if (taker === undefined || story.actors.has(taker)) continue;
    if (isAsked(visit, story)) asked = visit.order;
    const isHollow = nobody.has(visit.context) ? isPull(visit, story) : isFreeMint(visit, asked, given, story);
    if (isHollow) victims.add(taker);
  }
  const all = [...new Set([...victims, ...paidInCode(story).map((pull) => pull.parent!.context)])];
  if (all.length === 0) return undefined;
  return { name: "hollow-payment", weight: victims.size > 0 ? 3 : 1.5, victims: all, count: all.length };
}

function assetsGiven({ moves, actors }: Story): Set<Asset> {
  return new Set(moves.flatMap(({ asset, from, to }) => (actors.has(from) && !actors.has(to) ? [asset] : [])));
}

function isPull(visit: Visit, story: Story): boolean {
  const claim = readTransferCall(visit);
  if (visit.selector !== selector.transferFrom || claim === undefined) return false;
  // The coin of the chain goes with the call, whatever stands for it.
  return story.actors.has(claim.from) && entryTo(visit, story.actors).frame.value === 0n;
}

/** Whether `mint` makes something for the actors, who gave nothing else away, after they were asked in the same call. */
function isFreeMint(mint: Visit, asked: number, given: ReadonlySet<Asset>, story: Story): boolean {
  if (mint.selector !== selector.mint || !story.actors.has(`0x${mint.frame.input.slice(34, 74)}`)) return false;
  if (given.size > (given.has(mint.context) ? 1 : 0) || story.made.has(mint.context)) return false;
  const entry = entryTo(mint, story.actors);
  return entry.frame.value === 0n && asked > entry.order;
}

const asks: ReadonlySet<string> = new Set([
  selector.balanceOf,
  selector.decimals,
  selector.totalSupply,
  selector.transfer,
]);

/** Who is taken for a token by being asked something, and the last time that each outsider handed the actors a token of others. */
const dealingsOf = oncePer(({ visits, actors }: Story) => {
  const tokens = new Set<Address>();
  const handedBy = new Map<Address, number>();
  for (const visit of visits) {
    if (asks.has(visit.selector)) tokens.add(visit.context);
    const given = visit.reverted ? undefined : readTransferCall(visit);
    if (given === undefined || visit.parent === undefined || actors.has(visit.context)) continue;
    if (actors.has(given.to)) handedBy.set(visit.parent.context, visit.order);
  }
  return { tokens, handedBy };
});

/** Contracts of the actors in which outsiders were paid as if they were tokens, which they are to nobody else: such a payment is none. */
export const falseTokens = oncePer(
  (story: Story): ReadonlySet<Asset> => new Set(paidInCode(story).map(({ context }) => context)),
);

const paidInCode = oncePer((story: Story): readonly Visit[] =>
  story.acts.filter((visit) => visit.parent !== undefined && isPaidByCode(visit, story)),
);

/**
 * Whether an outsider takes a payment of the actors' code in that code, which is no token to anybody else here, and in the same call or later
 * hands them something itself. Tokens that pay with what their users hold (`approveAndCall`) are asked for the users' money.
 */
function isPaidByCode(pull: Visit, story: Story): boolean {
  const { visits, actors, made } = story;
  const claim = readTransferCall(pull);
  if (pull.selector !== selector.transferFrom || claim === undefined || claim.from !== pull.context) return false;
  if (!actors.has(pull.context) || made.has(pull.context) || pull.context === visits[0]!.frame.from) return false;
  const taker = pull.parent!.context;
  const { tokens, handedBy } = dealingsOf(story);
  return !actors.has(taker) && !tokens.has(pull.context) && (handedBy.get(taker) ?? 0) > entryTo(pull, actors).order;
}

/** Whether an outsider has the actors' code do something for it that answers nothing, as a payment does, by no standard's callback. */
function isAsked({ frame, context, parent, selector: name }: Visit, { actors }: Story): boolean {
  if (frame.type !== "CALL" || name.length < 10 || !actors.has(context) || frame.output.length > 2) return false;
  if (!frame.input.includes(parent!.context.slice(2))) return false;
  return !isHandOver(name) && !tokenHooks.has(name);
}
