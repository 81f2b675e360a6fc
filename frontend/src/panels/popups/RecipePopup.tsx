// How was this made? What went in, what was set, and the way to make it again.

import type { Recipe } from "../../app/actions";
import type { Id } from "../../model/rows";
import { type Studio, useActions, useDoc, useStudio } from "../context";
import { plain } from "../format";
import { edgeOf, RESTYLE, useRecipe, VARY } from "../inspector/RecipeLine";
import { fillNext } from "../making/useMaking";
import { nameOf } from "../naming";
import { Button } from "../parts/controls";
import { Dialog } from "../parts/Dialog";

export function RecipePopup({ id }: { id: Id }) {
  const studio = useStudio();
  const actions = useActions();
  const name = useDoc((doc) => nameOf(doc, id));
  const recipe = useRecipe(id, "");
  const close = () => studio.setUi({ popup: null });
  return (
    <Dialog
      title={`How “${name}” was made`}
      reading
      onClose={close}
      footer={
        recipe && (
          <>
            <Button icon="copy" onClick={() => void actions.copy(recipe.command)}>
              Copy as command line
            </Button>
            {recipe.engine && (
              <Button tone="main" icon="retry" focus onClick={() => again(studio, id, recipe)}>
                Run again with one change
              </Button>
            )}
          </>
        )
      }
    >
      {recipe ? <Details recipe={recipe} /> : <p className="facts">Brought in as it is: nothing was made.</p>}
    </Dialog>
  );
}

/** Opens the window that made it, filled in as it was. */
function again(studio: Studio, id: Id, recipe: Recipe): void {
  const { engine, parameters, seed } = recipe;
  const making = { engine, parameters, seed };
  const subject =
    recipe.inputs.find((input) => input.role === "image")?.node ?? studio.doc.candidates.get(id)?.node ?? id;
  fillNext(recipe.operation, making);
  if (recipe.operation === VARY) studio.setUi({ popup: { kind: "vary", node: subject } });
  else if (recipe.operation === RESTYLE) {
    const like = recipe.inputs.find((input) => input.role === "style")?.node ?? null;
    studio.setUi({ popup: { kind: "restyle", node: subject, like } });
  } else {
    const edge = studio.doc.takes.get(id)?.owner ?? id;
    studio.setUi({ popup: null, side: "inspector" });
    studio.actions.select([edge]);
  }
}

function Details({ recipe }: { recipe: Recipe }) {
  const { media, doc } = useStudio();
  const rows: [string, string][] = [
    ["Operation", recipe.operation],
    ...Object.entries(recipe.parameters).map(([key, value]): [string, string] => [
      key,
      recipe.operation === "branch" && key === "edge" ? edgeOf(recipe, doc) : plain(value),
    ]),
    ...(recipe.engine
      ? ([
          ["Seed", String(recipe.seed)],
          ["Engine", recipe.engine],
          ["Algorithm", recipe.algorithm],
        ] as [string, string][])
      : []),
    ...(recipe.roll > 0 ? [["Roll", String(recipe.roll)] as [string, string]] : []),
    ...(recipe.frames > 1 ? [["Frames", String(recipe.frames)] as [string, string]] : []),
  ];
  return (
    <>
      {recipe.inputs.length > 0 && (
        <ul className="inputs" aria-label="Made from">
          {recipe.inputs.map((input, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same picture may go in twice
            <li key={place}>
              <img className="picture" src={media.pixels(input.pixels, 256)} alt="" />
              <span>
                <strong>{input.label || "a picture"}</strong> {input.role}
                {input.weight !== 1 && ` · ${plain(input.weight)}`}
              </span>
            </li>
          ))}
        </ul>
      )}
      <table className="recipe-table">
        <tbody>
          {rows.map(([key, value]) => (
            <tr key={key}>
              <th scope="row">{key}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <pre className="command">
        <code>{recipe.command}</code>
      </pre>
      {recipe.notes.map((note) => (
        <p key={note} className="facts">
          {note}
        </p>
      ))}
    </>
  );
}
