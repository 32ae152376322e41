/** What others published of their detection, for comparison; none of it was measured here. */
export const neighbours = [
  { name: "CrossGuard", figure: "35 of 37 attacks, 0.26 % false alarms", source: "ICSE 2026; 37 hacked protocols" },
  { name: "HOUSTON", figure: "94.8 % recall", source: "NDSS 2026; 115 incidents, 22 million transactions" },
  {
    name: "Trace2Inv",
    figure: "23 of 27 attacks, 0.32 % false alarms",
    source: "FSE 2024; 42 contracts, invariants combined",
  },
  { name: "DeFiScope", figure: "80 % recall", source: "ASE 2025; 95 price attacks" },
];
