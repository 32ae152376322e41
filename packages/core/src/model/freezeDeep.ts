/**
 * Freezes `value` and all below it that is plain (objects and lists), so that whoever is handed it cannot change it for the next one.
 * What is frozen already counts as frozen to the bottom: many may be handed parts of the same.
 */
export function freezeDeep<V>(value: V): V {
  if (value === null || typeof value !== "object" || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) freezeDeep(inner);
  return value;
}
