// The elements of index.html.

export function element<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found as E;
}

/** Sets the text only if it is another one, so that nothing is laid out or read out again. */
export function write(into: HTMLElement, words: string): void {
  if (into.textContent !== words) into.textContent = words;
}

/** How much of a range is filled, for its track. */
export function place(range: HTMLInputElement, share: number): void {
  range.value = String(share);
  range.style.setProperty("--filled", `${(share * 100).toFixed(2)}%`);
}
