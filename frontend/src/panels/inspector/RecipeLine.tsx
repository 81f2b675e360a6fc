// How something was made, in a line; the whole recipe is a click away.

import { useEffect, useState } from "react";
import type { Recipe } from "../../app/actions";
import type { Doc } from "../../model/doc";
import type { Id } from "../../model/rows";
import { useActions, useStudio } from "../context";
import { plain } from "../format";
import { nameOf } from "../naming";
import { Button, Section } from "../parts/controls";

/** Operations that have a window of their own. */
export const VARY = "vary";
export const RESTYLE = "restyle";

/** What was done, for operations that are no engine's. */
const OPERATIONS: Record<string, string> = { add: "Brought in", branch: "Cut from" };

/** The recipe of a thing; asked for again when `version` changes, and not at all while that is null. */
export function useRecipe(id: Id, version: string | null): Recipe | null {
  const actions = useActions();
  const [known, setKnown] = useState<{ id: Id; recipe: Recipe | null } | null>(null);
  useEffect(() => {
    if (version === null) return;
    let current = true;
    void actions.recipe(id).then((recipe) => current && setKnown({ id, recipe }));
    return () => {
      current = false;
    };
  }, [actions, id, version]);
  return known?.id === id ? known.recipe : null;
}

/** "vary · strength 0.35 · seed 7 · builtin". Long words are left to the recipe itself. */
function summary(recipe: Recipe, doc: Doc): string {
  if (recipe.operation === "branch") return `${edgeOf(recipe, doc)}, frame ${plain(recipe.parameters.frame)}`;
  if (recipe.operation === "add") return Object.values(recipe.parameters).map(plain).join(" · ");
  const parameters = Object.entries(recipe.parameters)
    .filter(([, value]) => value !== "" && value !== null && plain(value).length <= 24)
    .slice(0, 3)
    .map(([name, value]) => `${name} ${plain(value)}`);
  const by = recipe.engine ? [`seed ${recipe.seed}`, recipe.engine] : [];
  return [...parameters, ...by].join(" · ");
}

/** The thread that a picture was cut from, by the name it has here. */
export function edgeOf(recipe: Recipe, doc: Doc): string {
  const id = String(recipe.parameters.edge);
  return doc.edges.has(id) ? nameOf(doc, id) : "a thread that is gone";
}

export function RecipeLine({ id, recipe, fallback }: { id: Id; recipe: Recipe | null; fallback: string }) {
  const studio = useStudio();
  const prompt = recipe ? String(recipe.parameters.prompt ?? "") : "";
  return (
    <Section title="How it was made">
      {recipe ? (
        <>
          <p className="recipe-words">
            <strong>{OPERATIONS[recipe.operation] ?? recipe.operation}</strong> {summary(recipe, studio.doc)}
          </p>
          {prompt && <blockquote className="prompt-quote">{prompt}</blockquote>}
          <Button icon="recipe" onClick={() => studio.setUi({ popup: { kind: "recipe", id } })}>
            How was this made?
          </Button>
        </>
      ) : (
        <p className="facts">{fallback}</p>
      )}
    </Section>
  );
}
