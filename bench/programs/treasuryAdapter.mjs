import { callRead, intOf, uintOf } from "@testudo/core/model/Query";
import { eventTopic, functionSelector } from "@testudo/core/model/signatureHash";

const transfer = eventTopic("Transfer(address,address,uint256)");
const read = { price: functionSelector("price()"), position: functionSelector("positionOf(address)") };
const market = "main";
const wad = 10n ** 18n;
// The price has 8 decimals.
const toWad = 10n ** 10n;
const setPrice = 2_000n * wad;

/** The benchmark's treasury as a perpetual: each payment is a fill of one by its sender, by turns bought and sold. */
export function treasuryAdapter({ treasury, token }) {
  return {
    kind: "perp",
    name: "treasury",
    subject: treasury,
    markets: [market],
    terms: { feeBps: 0 },
    market: (_, at) => ({
      reads: [callRead(treasury, at, read.price)],
      decode([answer]) {
        const price = uintOf(answer);
        if (!price) return undefined;
        const funding = { rate: 0n, cumulative: 0n };
        return { price: price * toWad, reference: price * toWad, funding };
      },
    }),
    account: (_, account, at) => ({
      reads: [callRead(treasury, at, read.position, account.slice(2).padStart(64, "0"))],
      decode([answer]) {
        const [size, collateral] = [intOf(answer, 0), uintOf(answer, 1)];
        if (size === undefined || collateral === undefined) return undefined;
        const exposure = (size * setPrice) / wad;
        return { collateral, required: collateral / 10n, exposure, requiredExposure: 0n, size, debt: 0n };
      },
    }),
    events(view) {
      const log = view.logs.find(({ address, topics }) => address === token && topics[0] === transfer);
      if (log === undefined || view.tx.to !== treasury) return [];
      const size = view.tx.index % 2 === 0 ? wad : -wad;
      return [
        { kind: "trade", market, account: view.tx.from, size, price: setPrice, role: "taker", logIndex: log.index },
      ];
    },
    worth: (_, { reference }) => ({ value: reference, unit: reference }),
  };
}
