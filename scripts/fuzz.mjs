// `npm run fuzz -- --evm`: our EVM against another one, see `--evm --help`. `npm run fuzz [-- main|nightly]`: the contracts' fuzz and invariant tests with far more runs than `npm test` takes. Runs,
// seeds and depths of each profile stand in contracts/foundry.toml.
import { join } from "node:path";
import { build } from "./build.mjs";
import { root, run } from "./install.mjs";

if (process.argv.includes("--evm")) {
  build();
  // After the build: it imports what that makes.
  const { fuzzEvm } = await import("./fuzzEvm/command.mjs");
  process.exit(await fuzzEvm(process.argv.slice(2).filter((arg) => arg !== "--evm")));
}
const profiles = ["main", "nightly"];
const [profile = "main", ...rest] = process.argv.slice(2);
if (!profiles.includes(profile)) {
  process.stderr.write(
    `Profile "${profile}" is not known.\n- Known: ${profiles.join(", ")}.\n- Choose one; options of forge come after it.\n`,
  );
  process.exit(2);
}
build();
run(process.execPath, [join(root, "contracts", "scripts", "forgeTest.mjs"), ...rest], {
  env: { ...process.env, FOUNDRY_PROFILE: profile },
});
