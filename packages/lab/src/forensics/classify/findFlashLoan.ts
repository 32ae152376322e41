import { findFlashLoans } from "@testudo/core/signs/FlashLoan";
import { sayAmount } from "../amounts.ts";
import { classified, type Sign } from "./Sign.ts";

const ways = {
  event: "its lender told of it",
  call: "its lender was asked for it",
  callback: "its lender called back",
  shape: "it left and came back whole",
} as const;

/** Money that was lent and given back within the transaction. */
export const findFlashLoan: Sign = ({ study, actors, assets, say }) => {
  const loans = findFlashLoans(study.view).filter(({ lender }) => !actors.has(lender));
  const evidence = loans.map(({ lender, by, asset, amount }) => {
    const call = study.visits.find(({ frame, parent }) => frame.to === lender && parent && actors.has(parent.context));
    const what = asset === undefined || amount === undefined ? "Money" : sayAmount(assets, asset, amount);
    const text = `${what} was lent by ${say(lender)} and given back within the transaction (${ways[by]}).`;
    return call === undefined ? { text } : { text, call: call.order };
  });
  return classified("flash-loan", loans.some(({ by }) => by !== "shape") ? "certain" : "likely", evidence);
};
