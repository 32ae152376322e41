import { createdIn, walk } from "./CallTree.ts";
import { createdAddress } from "./createdAddress.ts";
import { type Address, addressOfWord } from "./Hex.ts";
import { topic } from "./KnownSignature.ts";
import { oncePer } from "./oncePer.ts";
import type { TxView } from "./TxView.ts";

/** Contracts that act for everybody; as `tx.to` they say nothing about who acts. */
export const publicInfrastructure: ReadonlySet<Address> = new Set<Address>([
  "0x7a250d5630b4cf539739df2c5dacb4c659f2488d", // Uniswap v2 router
  "0xe592427a0aece92de3edee1f18e0157c05861564", // Uniswap v3 router
  "0x68b3465833fb72a70ecdf485e0e4c7bd8665fc45", // Uniswap router 02
  "0x3fc91a3afd70395cd496c647d5a6cc9d4b2b7fad", // Uniswap universal routers
  "0xef1c6e67703c7bd7107eed8303fbe6ec2554bf6b",
  "0x66a9893cc07d91d95644aedd05d03f95e1dba8af",
  "0xc36442b4a4522e871399cd717abdd847ab11fe88", // Uniswap v3 positions
  "0xd9e1ce17f2641f24ae83637ab66a2cca9c378b9f", // Sushi router
  "0x10ed43c718714eb63d5aa57b78b54704e256024e", // Pancake routers
  "0x13f4ea83d0bd40e75c8222255bc855a974568dd4",
  "0x1111111254eeb25477b68fb85ed929f73a960582", // 1inch
  "0x111111125421ca6dc452d289314280a0f8842a65",
  "0xdef1c0ded9bec7f1a1670819833240f027b25eff", // 0x
  "0xdef171fe48cf0115b1d80b88dc8eab59176fee57", // ParaSwap
  "0xba12222222228d8ba445958a75a0704d566bf2c8", // Balancer vault
  "0xca11bde05977b3631167028862be2a173976ca11", // Multicall3
  "0x000000000022d473030f116ddee9f6b43ac78ba3", // Permit2
  "0x5ff137d4b0fdcd49dca30c7cf57e578a026d2789", // ERC-4337 entry points
  "0x0000000071727de22e5e9d8baf0edac6f37da032",
  "0x9008d19f58aabd9ed0d60971565aa8510560ab41", // CoW settlement
]);

/** Tells who deployed a contract that came into being in the recorded range. */
export type DeployerOf = (contract: Address) => readonly Address[] | undefined;

const unseen: DeployerOf = () => undefined;

/**
 * A(tx): who acts in a transaction: its sender, the contract it calls (unless protected or public infrastructure),
 * contracts created in it, ERC-4337 senders, accounts that signed a delegation for it (EIP-7702), and contracts in its call tree that any of those deployed earlier.
 */
export function actorCluster(
  view: TxView,
  watched: ReadonlySet<Address>,
  deployerOf: DeployerOf = unseen,
  infrastructure: ReadonlySet<Address> = publicInfrastructure,
): Set<Address> {
  const whole = wholeCluster(view)(deployerOf)(infrastructure);
  // Whoever is protected is no actor, and makes none of those that he made.
  return [...watched].some((address) => address !== view.tx.from && whole.has(address))
    ? findCluster(view, watched, deployerOf, infrastructure)
    : new Set(whole);
}

const nobody: ReadonlySet<Address> = new Set();

/** The cluster where nobody is protected, found once for who made what and what is public. */
const wholeCluster = oncePer((view: TxView) =>
  oncePer((deployerOf: DeployerOf) =>
    oncePer(
      (infrastructure: ReadonlySet<Address>): ReadonlySet<Address> =>
        findCluster(view, nobody, deployerOf, infrastructure),
    ),
  ),
);

function findCluster(
  view: TxView,
  watched: ReadonlySet<Address>,
  deployerOf: DeployerOf,
  infrastructure: ReadonlySet<Address>,
): Set<Address> {
  const cluster = new Set<Address>([view.tx.from]);
  const isActor = (address: Address) => !watched.has(address) && !infrastructure.has(address);
  for (const address of [
    view.tx.to ?? createdAddress(view.tx.from, view.tx.nonce),
    ...madeIn(view),
    ...userOperationSenders(view),
    ...(view.tx.delegations ?? []).map(({ authority }) => authority),
  ])
    if (isActor(address)) cluster.add(address);
  for (const address of partiesOf(view))
    if (!cluster.has(address) && isActor(address) && deployerOf(address)?.some((d) => cluster.has(d)))
      cluster.add(address);
  return cluster;
}

/** The contracts that this transaction created. */
export function madeIn(view: TxView): readonly Address[] {
  if (view.trace !== undefined) return createdIn(view.trace);
  return view.tx.to === null ? [createdAddress(view.tx.from, view.tx.nonce)] : [];
}

const userOperationSenders = oncePer((view: TxView): readonly Address[] =>
  view.logs.flatMap(({ topics }) =>
    topics[0] === topic.userOperation && topics[2] !== undefined ? [addressOfWord(topics[2])] : [],
  ),
);

/** On whose behalf a transaction runs: the ERC-4337 senders of a bundle, else the sender. A bundler or router is nobody's principal. */
export function principalsOf(view: TxView): Set<Address> {
  const senders = userOperationSenders(view);
  return new Set(senders.length > 0 ? senders : [view.tx.from]);
}

const partiesOf = oncePer((view: TxView): ReadonlySet<Address> => {
  const parties = new Set<Address>(view.flow().net.keys());
  if (view.trace !== undefined) for (const visit of walk(view.trace)) parties.add(visit.context);
  return parties;
});
