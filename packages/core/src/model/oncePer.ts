/**
 * What `find` says of a key, found once for as long as the key lives: one transaction is looked at by many detectors, and
 * judged for up to a thousand subjects. `find` must be pure, and what it returns must not be changed.
 */
export function oncePer<K extends object, V>(find: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    let found = known.get(key);
    if (found === undefined) {
      found = { value: find(key) };
      known.set(key, found);
    }
    return found.value;
  };
}
