// Which members of a module are ours to document, where each is declared first, and what is said of it.

/** Below here lies what the pages are about; everything else is OpenZeppelin's. */
export const ours = "contracts/src/";

export const isOurs = ({ unit }) => unit.startsWith(ours);

/** The entries of a kind that a contract of ours declares, as the first declaration names them and in its order. */
export function ownEntries(module, type) {
  const placed = module.abi
    .filter((entry) => entry.type === type)
    .map((entry) => ({ entry, home: homeOf(module, entry) }))
    .filter(({ home }) => home && isOurs(home));
  const place = ({ entry, home }) => home.own.findIndex((member) => isSame(module, member, entry));
  const depth = ({ home }) => module.bases.indexOf(home);
  return placed
    .sort((a, b) => depth(a) - depth(b) || place(a) - place(b))
    .map(({ entry, home }) => home.abi.find((other) => keyOf(other) === keyOf(entry)) ?? entry);
}

/** Who declares it first: the base of ours that is furthest from the module, else whoever has it, a library perhaps. */
export function homeOf(module, entry) {
  if (entry.type === "constructor") return module;
  const has = ({ own }) => own.some((member) => isSame(module, member, entry));
  const having = module.bases.filter(has);
  return having.findLast(isOurs) ?? having.at(-1) ?? module.all.find(has);
}

const nodeTypes = { event: "EventDefinition", error: "ErrorDefinition" };

function isSame({ selectors }, member, entry) {
  if (entry.type === "function") return member.selector === selectors[signatureOf(entry)];
  return member.name === entry.name && member.type === nodeTypes[entry.type];
}

const keyOf = (entry) => (entry.type === "constructor" ? "" : `${entry.type} ${signatureOf(entry)}`);

/** The text of a member and its tags, as the first declaration has them; the module may add to what is for developers. */
export function textsOf(module, entry) {
  const part = { function: "methods", event: "events", error: "errors" }[entry.type];
  const read = (doc) => [doc?.[part]?.[signatureOf(entry)]].flat()[0] ?? {};
  const [first, own] = [homeOf(module, entry), module].map((c) => ({ user: read(c.userdoc), doc: read(c.devdoc) }));
  const details = new Set([first.doc.details, own.doc.details]);
  const notice = first.user.notice ?? own.user.notice;
  return { text: [notice, ...details].filter(Boolean).join(" "), doc: first.doc };
}

/** The text that a selector is the hash of. */
export function signatureOf({ name, inputs }) {
  const typeOf = ({ type, components }) =>
    components ? `(${components.map(typeOf).join(",")})${type.slice("tuple".length)}` : type;
  return `${name}(${inputs.map(typeOf).join(",")})`;
}
