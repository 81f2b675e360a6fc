// Numbers and times as people read them.

/** "2 s", "1.5 s", "1:04". */
export function seconds(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value < 60) return `${trim(value, value < 10 ? 1 : 0)} s`;
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A place in a film: "0:04.2". */
export function clock(value: number): string {
  const tenths = Math.max(0, Math.floor(value * 10 + 1e-6));
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
  return `${Math.floor(tenths / 600)}:${rest}`;
}

/** How long something will take, honestly rounded: "at once", "~4 s", "~3 min". */
export function wait(value: number): string {
  if (value < 0.75) return "at once";
  if (value < 90) return `~${Math.round(value)} s`;
  if (value < 5400) return `~${Math.round(value / 60)} min`;
  return `~${trim(value / 3600, 1)} h`;
}

/** "free", "$0.04", "$12". Prices under a cent keep their digits. */
export function dollars(value: number): string {
  if (value <= 0) return "free";
  if (value < 0.01) return `$${value.toFixed(4).replace(/0+$/, "")}`;
  return `$${value < 10 ? value.toFixed(2) : Math.round(value)}`;
}

export function percent(share: number): string {
  return `${Math.round(Math.min(1, Math.max(0, share)) * 100)} %`;
}

/** "1 node", "3 nodes". */
export function count(many: number, noun: string, plural = `${noun}s`): string {
  return `${many.toLocaleString("en")} ${many === 1 ? noun : plural}`;
}

/** "just now", "4 min ago", "yesterday", then the date. */
export function ago(iso: string, now: number = Date.now()): string {
  const past = (now - Date.parse(iso)) / 1000;
  if (Number.isNaN(past)) return "";
  if (past < 45) return "just now";
  if (past < 3600) return `${Math.max(1, Math.round(past / 60))} min ago`;
  if (past < 20 * 3600) return `${Math.round(past / 3600)} h ago`;
  if (past < 44 * 3600) return "yesterday";
  return iso.slice(0, 10);
}

/** A value of a recipe: "0.35", "on", "a, b". */
export function plain(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : trim(value, 3);
  if (typeof value === "string") return value;
  return Array.isArray(value) && value.every((item) => typeof item !== "object")
    ? value.map(plain).join(", ")
    : JSON.stringify(value);
}

/** A key as its cap shows it. */
export function keyCap(
  keys: string,
  mac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? ""),
): string[] {
  const caps: Record<string, string> = {
    Mod: mac ? "⌘" : "Ctrl",
    Shift: mac ? "⇧" : "Shift",
    Alt: mac ? "⌥" : "Alt",
    Escape: "Esc",
    " ": "Space",
    ArrowLeft: "←",
    ArrowRight: "→",
    ArrowUp: "↑",
    ArrowDown: "↓",
    Delete: "Del",
    ContextMenu: "Menu",
  };
  return keys.split(/\+(?=.)/).map((key) => caps[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
