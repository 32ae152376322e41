/** What `parts` come to: aims reached and missed, and the parts that were skipped or broke. */
export function summarize(parts) {
  const aims = Object.entries(parts).flatMap(([part, { aims: own = [] }]) => own.map((aim) => ({ part, ...aim })));
  const named = (field) => Object.entries(parts).flatMap(([part, value]) => (value[field] === undefined ? [] : [part]));
  return {
    aims: aims.length,
    reached: aims.filter(({ reached }) => reached).length,
    missed: aims.filter(({ reached }) => !reached).map(({ part, name }) => `${part}: ${name}`),
    skipped: named("skipped"),
    broken: named("broke"),
  };
}

/** An aim that is a least or a most: `bound` is ">=" or "<=" or "<". */
export function aimOf(name, bound, limit, measured, unit = "") {
  const reached = bound === ">=" ? measured >= limit : bound === "<" ? measured < limit : measured <= limit;
  return { name, aim: `${bound} ${limit}${unit}`, measured: `${measured}${unit}`, reached };
}
