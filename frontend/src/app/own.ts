// What whoever sits here is called: in the log, and beside the pointer that others see. Kept in this browser.

const NAME = "forkframe.name";
/** Of whoever has given no name. */
const NAMELESS = "you";

/** As the studio knows who did what. */
export function ownActor(): string {
  return localStorage.getItem(NAME) || NAMELESS;
}

/** "" if none was given. */
export function ownName(): string {
  return localStorage.getItem(NAME) ?? "";
}

/** Others by their names; those without one are guests. */
export function called<P extends { name: string }>(people: readonly P[]): P[] {
  const nameless = people.filter(({ name }) => name === "" || name === NAMELESS);
  return people.map((person) => {
    const place = nameless.indexOf(person);
    if (place < 0) return person;
    return { ...person, name: nameless.length === 1 ? "someone" : `guest ${place + 1}` };
  });
}

/** Everything done from now on is by this name, so the page begins anew. */
export function setOwnName(name: string): void {
  if (name === ownName()) return;
  if (name) localStorage.setItem(NAME, name);
  else localStorage.removeItem(NAME);
  location.reload();
}
