import { scanTestudo } from "./scanTestudo.mjs";
import { serveRounds } from "./serveRounds.mjs";

serveRounds((load) =>
  scanTestudo("logDetectors.mjs", { chainId: 31_337, treasury: load.treasury, token: load.token }, load),
);
