import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { root } from "../install.mjs";
import { readArtifactGroups } from "./artifactGroups.mjs";

const evm = (module) => import(pathToFileURL(join(root, "packages", "evm", "dist", "fuzz", `${module}.js`)).href);

/** Ways to open each world of real contracts, by name: groups of artifacts, and the capsules of the data folder. */
export async function contractWorlds({ withMorpho }) {
  const { openContractWorld } = await evm("openContractWorld");
  const { readCapsuleWorld } = await evm("readCapsuleWorld");
  const deployed = [...readArtifactGroups(), ...(withMorpho ? await morpho() : [])]
    .filter(({ artifacts }) => artifacts.length > 0)
    .map(({ name, artifacts }) => ({ name, open: (seed) => openContractWorld(name, artifacts, seed) }));
  const recorded = capsuleFiles().map((file) => ({
    name: `capsule ${basename(file, ".json.gz")}`,
    open: async () => readCapsuleWorld(JSON.parse(gunzipSync(readFileSync(file)).toString())),
  }));
  return [...deployed, ...recorded];
}

/** A way to open worlds of random bytecode. */
export async function soupWorlds() {
  const { soupWorld } = await evm("soupWorld");
  const { createRandom } = await evm("Random");
  return {
    name: "random bytecode",
    open: async (seed) => soupWorld(createRandom(seed), seed % 2 === 0 ? "cancun" : "prague"),
  };
}

// It comes as source alone; the examples compile it for themselves, which takes most of a minute the first time.
async function morpho() {
  const { morphoBuild } = await import(
    pathToFileURL(join(root, "examples", "dist", "morpho", "morphoArtifacts.js")).href
  );
  const artifacts = ["Morpho", "IrmMock"].map((name) => ({ name, deployedBytecode: "0x", ...morphoBuild(name) }));
  return [{ name: "morpho", artifacts }];
}

function capsuleFiles() {
  const data = process.env.TESTUDO_DATA;
  if (!data) return [];
  const folder = join(data, "incidents");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json.gz"))
    .sort()
    .map((name) => join(folder, name));
}
