// The libraries of curves take longer to load than all else together, and most runs need none: each precompiled contract loads
// when it is first called. A call does not wait, and Node gives a module at once; elsewhere none comes without waiting, so that
// an engine opens there with all of them.
import type { Fork } from "../fork.ts";
import type { Precompile } from "./Precompile.ts";

const modules = {
  blsAdd: () => import("./blsAdd.ts"),
  blsMap: () => import("./blsMap.ts"),
  blsMsm: () => import("./blsMsm.ts"),
  blsPairingCheck: () => import("./blsPairingCheck.ts"),
  bn254Add: () => import("./bn254Add.ts"),
  bn254Mul: () => import("./bn254Mul.ts"),
  bn254Pairing: () => import("./bn254Pairing.ts"),
  ecrecover: () => import("./ecrecover.ts"),
  modexp: () => import("./modexp.ts"),
  p256verify: () => import("./p256verify.ts"),
  pointEvaluation: () => import("./pointEvaluation.ts"),
  ripemd160: () => import("./ripemd160.ts"),
  sha256: () => import("./sha256.ts"),
};
type Modules = { -readonly [name in keyof typeof modules]: Awaited<ReturnType<(typeof modules)[name]>> };

const loaded: Partial<Modules> = {};
// What runs from its sources is compiled module by module, which `require` knows nothing of.
const isBuilt = import.meta.url.endsWith(".js");
const requireNow = isBuilt
  ? globalThis.process?.getBuiltinModule?.("node:module").createRequire(import.meta.url)
  : undefined;

const cancun = new Map([
  [1, late("ecrecover", "ecrecover")],
  [2, late("sha256", "sha256")],
  [3, late("ripemd160", "ripemd160")],
  [5, late("modexp", "modexp")],
  [6, late("bn254Add", "bn254Add")],
  [7, late("bn254Mul", "bn254Mul")],
  [8, late("bn254Pairing", "bn254Pairing")],
  [10, late("pointEvaluation", "pointEvaluation")],
]);
const prague = new Map([
  ...cancun,
  [11, late("blsAdd", "blsG1Add")],
  [12, late("blsMsm", "blsG1Msm")],
  [13, late("blsAdd", "blsG2Add")],
  [14, late("blsMsm", "blsG2Msm")],
  [15, late("blsPairingCheck", "blsPairingCheck")],
  [16, late("blsMap", "blsMapFpToG1")],
  [17, late("blsMap", "blsMapFp2ToG2")],
]);
const osaka = new Map([...prague, [5, late("modexp", "modexpOfOsaka")], [0x100, late("p256verify", "p256verify")]]);
const byFork: Readonly<Record<Fork, ReadonlyMap<number, Precompile>>> = {
  cancun,
  prague,
  osaka,
  bpo1: osaka,
  bpo2: osaka,
};

/** The precompiled contracts of a fork by address, but for identity and BLAKE2, which are part of the WebAssembly. */
export function precompilesOf(fork: Fork): ReadonlyMap<number, Precompile> {
  return byFork[fork];
}

/** Loads all of them where none can be had at once; in Node there is nothing to wait for. */
export async function loadPrecompiles(): Promise<void> {
  if (requireNow !== undefined) return;
  const load = async ([name, from]: [string, () => Promise<unknown>]) =>
    Object.assign(loaded, { [name]: await from() });
  await Promise.all(Object.entries(modules).map(load));
}

/** A precompiled contract that is there once it is called. */
function late<Name extends keyof Modules>(name: Name, field: keyof Modules[Name]): Precompile {
  const found = () => moduleOf(name)[field] as Precompile;
  return {
    get name() {
      return found().name;
    },
    gas: (input) => found().gas(input),
    run: (input) => found().run(input),
  };
}

function moduleOf<Name extends keyof Modules>(name: Name): Modules[Name] {
  const found: Modules[Name] | undefined = loaded[name] ?? requireNow?.(`./${name}.js`);
  if (found === undefined) throw new PrecompilesNotLoaded(name);
  loaded[name] = found;
  return found;
}

/** Thrown outside of Node where a precompiled contract is called before `loadPrecompiles` has ended. Retryable after it. */
export class PrecompilesNotLoaded extends Error {
  override readonly name = "PrecompilesNotLoaded";
  constructor(name: string) {
    super(`The precompiled contract ${JSON.stringify(name)} is not loaded.\n- Await \`loadPrecompiles()\` first.`);
  }
}
