// The studio could not be opened: what was said, and what to do.

import { Icon } from "./icons";
import { Button } from "./parts/controls";

export function NoStudio({ error }: { error: unknown }) {
  const told = error as { message?: string; hint?: string } | null;
  return (
    <div className="failure-page" role="alert">
      <span className="mark welcome-mark">
        <Icon name="mark" />
      </span>
      <h1>The studio can't be opened</h1>
      <p>{told?.message ?? String(error)}</p>
      {told?.hint && <p className="facts">{told.hint}</p>}
      <p className="facts">If the server is stopped, start it and open the address that it prints.</p>
      <Button tone="main" icon="retry" onClick={() => location.reload()}>
        Try again
      </Button>
    </div>
  );
}
