// What one needs to know just now: the first thread, path mode, a thread that waits for its end.

import { useActions, useDoc, useStudio, useUi } from "./context";
import { Icon } from "./icons";
import { nodeName } from "./naming";
import { Button, IconButton } from "./parts/controls";

export function Hints() {
  const mode = useUi((ui) => ui.mode);
  const connecting = useUi((ui) => ui.connecting);
  const first = useUi((ui) => ui.hint);
  const enough = useDoc((doc) => doc.nodes.size > 1);
  if (mode === "path") return <PathBanner />;
  if (connecting) return <Connecting source={connecting} />;
  if (first && enough) return <FirstHint />;
  return null;
}

function PathBanner() {
  const actions = useActions();
  return (
    <div className="banner" data-tone="path" role="status">
      <Icon name="path" />
      <p>
        <strong>Path mode:</strong> click pictures or edges in the order of the film.
      </p>
      <Button tone="path" onClick={() => actions.leavePathMode()}>
        Done
      </Button>
    </div>
  );
}

function Connecting({ source }: { source: string }) {
  const studio = useStudio();
  const name = useDoc((doc) => nodeName(doc, source));
  return (
    <div className="banner" role="status">
      <Icon name="connect" />
      <p>
        A thread from <strong>{name}</strong>: choose the picture where it ends with the arrow keys, then
        press Enter.
      </p>
      <Button onClick={() => studio.setUi({ connecting: null })}>Cancel</Button>
    </div>
  );
}

function FirstHint() {
  const studio = useStudio();
  return (
    <div className="banner" role="status">
      <span className="hint-handle" />
      <p>
        <strong>Drag this to that:</strong> pull the round handle of a picture onto another one.
      </p>
      <IconButton icon="close" label="Close this hint" onClick={() => studio.setUi({ hint: false })} />
    </div>
  );
}
