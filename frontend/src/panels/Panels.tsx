// Everything around the canvas.

import type { KeyboardEvent } from "react";
import { Announcer } from "./Announcer";
import { useUi } from "./context";
import { Hints } from "./Hints";
import { AnimatePopup } from "./making/AnimatePopup";
import { GeneratePopup } from "./making/GeneratePopup";
import { LoopPopup } from "./making/LoopPopup";
import { MixPopup } from "./making/MixPopup";
import { RestylePopup } from "./making/RestylePopup";
import { VaryPopup } from "./making/VaryPopup";
import { CompareSequences } from "./path/CompareSequences";
import { ExportPopup } from "./path/ExportPopup";
import { FinishPopup } from "./path/FinishPopup";
import { PathPanel } from "./path/PathPanel";
import { CompareCandidate } from "./popups/CompareCandidate";
import { ContextMenu } from "./popups/ContextMenu";
import { EditPopup } from "./popups/EditPopup";
import { EnginesPopup } from "./popups/EnginesPopup";
import { FindPopup } from "./popups/FindPopup";
import { NewNote, WriteNote } from "./popups/NotePopup";
import { OfferPopup } from "./popups/OfferPopup";
import { RecipePopup } from "./popups/RecipePopup";
import { ReframePopup } from "./popups/ReframePopup";
import { ShortcutsSheet } from "./popups/ShortcutsSheet";
import { TakesPopup } from "./popups/TakesPopup";
import { Side } from "./side/Side";
import { Toasts } from "./Toasts";
import { TopBar } from "./TopBar";
import { Welcome } from "./Welcome";

export function Panels() {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only keeps keys that a control has used from the canvas
    <div className="panels" onKeyDown={keepFromCanvas}>
      <TopBar />
      <Hints />
      <Welcome />
      <PathPanel />
      <Side />
      <OpenPopup />
      <Toasts />
      <Announcer />
    </div>
  );
}

function OpenPopup() {
  const popup = useUi((ui) => ui.popup);
  switch (popup?.kind) {
    case undefined:
      return null;
    case "menu":
      return <ContextMenu {...popup} />;
    case "offer":
      return <OfferPopup {...popup} />;
    case "generate":
      return <GeneratePopup />;
    case "engines":
      return <EnginesPopup />;
    case "vary":
      return <VaryPopup key={popup.node} {...popup} />;
    case "mix":
      return <MixPopup key={popup.nodes.join()} {...popup} />;
    case "animate":
      return <AnimatePopup key={popup.node} {...popup} />;
    case "loop":
      return <LoopPopup key={popup.node} {...popup} />;
    case "restyle":
      return <RestylePopup key={popup.node} {...popup} />;
    case "reframe":
      return <ReframePopup {...popup} />;
    case "recipe":
      return <RecipePopup {...popup} />;
    case "compare":
      return <CompareCandidate {...popup} />;
    case "takes":
      return <TakesPopup {...popup} />;
    case "compareSequences":
      return <CompareSequences {...popup} />;
    case "export":
      return <ExportPopup {...popup} />;
    case "finish":
      return <FinishPopup key={popup.sequence} {...popup} />;
    case "edit":
      if (popup.field === "text") return <WriteNote key={popup.id} {...popup} />;
      return <EditPopup key={popup.id} id={popup.id} field={popup.field} />;
    case "note":
      return <NewNote {...popup} />;
    case "find":
      return <FindPopup />;
    case "shortcuts":
      return <ShortcutsSheet />;
  }
}

const USED_BY_BUTTONS = new Set(["Enter", " "]);

const WRITING = "input:not([type=radio], [type=checkbox], [type=range], [type=color]), textarea, select";

/** Text fields use nearly all keys until Enter or Esc leaves them, buttons use two, and under a dialog the canvas gets none. */
function keepFromCanvas(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const writes = target.matches(WRITING);
  const leaves = event.key === "Escape" || (event.key === "Enter" && target.matches("input"));
  if (writes && leaves && !target.closest("dialog")) {
    target.blur();
    event.stopPropagation();
    return;
  }
  const presses = target.matches("button, a, label, summary") && USED_BY_BUTTONS.has(event.key);
  if (target.closest("dialog") || writes || presses) event.stopPropagation();
}
