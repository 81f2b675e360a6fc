/** The colours of the canvas: dark and quiet, so that the pictures are the colour. */

import type { Ui } from "../app/ui";
import type { Colour } from "./renderer";

export const WHITE: Colour = 0xffffffff;
export const CARD_EMPTY: Colour = 0x212327ff;
export const HAIRLINE: Colour = 0xffffff24;
export const HOVERED: Colour = 0xffffff66;
export const SHADE: Colour = 0x00000080;
export const LINE: Colour = 0x8b919eb0;
export const LINE_FAR: Colour = 0x8b919e38;
export const LINE_LENS: Colour = 0x8b919e1a;
export const PANEL: Colour = 0x17191df0;
export const PANEL_EDGE: Colour = 0xffffff1c;
export const GOOD: Colour = 0x7fd1a8ff;
export const AMBER: Colour = 0xe8b04bff;
export const RED: Colour = 0xe5695eff;
export const TRACK: Colour = 0x00000099;
export const INK: Colour = 0x101114ff;

/** Blue while wandering, warm while a path is made. */
export function accent(ui: Ui): Colour {
  return ui.mode === "path" ? 0xffb454ff : 0x8ab4ffff;
}
