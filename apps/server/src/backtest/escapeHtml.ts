const entities: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** `text` as it may stand in HTML, between tags or in a quoted attribute. Control characters become a dot. */
export function escapeHtml(text: string): string {
  return text.replace(/\p{C}/gu, "·").replace(/[&<>"']/g, (character) => entities[character]!);
}
