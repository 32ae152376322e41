import { scanTestudo } from "./scanTestudo.mjs";
import { serveRounds } from "./serveRounds.mjs";

serveRounds((load) =>
  scanTestudo("allDetectors.mjs", { chainId: 31_337, treasury: load.treasury, token: load.token }, load),
);
