/** Splits `rows` for multi-row statements: PostgreSQL takes at most 65,535 parameters in one. */
export function chunksOf<T>(rows: readonly T[], size = 500): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < rows.length; start += size) chunks.push(rows.slice(start, start + size));
  return chunks;
}
