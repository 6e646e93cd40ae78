/** What a person reads in a part of the page, as lines of text: for papers, issues and mail. */

/** Headings after an empty line; a term beside what is said of it; cells of a table with tabs between them. */
export function plainText(root: Element): string {
  return [...root.children].flatMap(linesOf).join("\n").trim();
}

function linesOf(element: Element): string[] {
  if (element instanceof HTMLDListElement) {
    const terms = [...element.querySelectorAll("dt")];
    return terms.map((term) => `${read(term)}: ${read(term.nextElementSibling)}`);
  }
  if (element instanceof HTMLTableElement) return [...element.rows].map((row) => [...row.cells].map(read).join("\t"));
  const text = read(element);
  if (text === "") return [];
  return element instanceof HTMLHeadingElement ? ["", text] : [text];
}

const read = (element: Element | null): string =>
  (element instanceof HTMLElement ? element.innerText : "").replace(/\s+/g, " ").trim();
