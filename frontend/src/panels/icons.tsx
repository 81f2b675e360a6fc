// Small line drawings on a 20-pixel grid, 1.5 px strokes, in the colour of the text around them.

const SHAPES = {
  undo: "M7 5 3.5 8.5 7 12M4 8.5h7.5a4 4 0 0 1 0 8H9",
  redo: "m13 5 3.5 3.5L13 12M16 8.5H8.5a4 4 0 0 0 0 8H11",
  tidy: "M3.5 4.5h5v5h-5zM11.5 4.5h5v5h-5zM3.5 12.5h5v3h-5zM11.5 12.5h5v3h-5z",
  find: "M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM13 13l3.5 3.5",
  layout: "M3.5 5.5h5v4h-5zM11.5 10.5h5v4h-5zM8.5 7.5h2.2c1 0 .8 5 1 5",
  composition: "M3.5 3.5h13v13h-13zM3.5 7.8h13M12.2 3.5v13",
  style:
    "M10 3.5a6.5 6.5 0 1 0 0 13c1.4 0 1.6-1 1.1-1.8-.6-1 .1-2.2 1.3-2.2h1.7c1.4 0 2.4-1 2.4-2.5 0-3.6-2.9-6.5-6.5-6.5ZM7 8.6v.1M10 6.6v.1M13 8.6v.1",
  path: "M4.5 16.5a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6ZM15.5 7.1a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6ZM6.3 14.7h5.2a2.7 2.7 0 0 0 0-5.3h-3a2.1 2.1 0 0 1 0-4.2h5.2",
  add: "M10 4v12M4 10h12",
  pictures: "M3.5 5h13v10.5h-13zM3.5 13l3.7-3.6 3.4 3.3 2-2 3.9 3.6M12.6 8.2v.1",
  help: "M7.6 7.6A2.5 2.5 0 0 1 10 5.7c1.5 0 2.5.9 2.5 2.2 0 1.8-2.5 2-2.5 3.9M10 14.4v.1",
  inspector: "M3.5 4.5h13v11h-13zM12 4.5v11M14 7.5h.6M14 10h.6",
  film: "M3.5 5h13v10h-13zM3.5 8h13M3.5 12h13M7 5v3M13 5v3M7 12v3M13 12v3",
  history: "M4 5v3.5h3.5M4.4 8.3A6.2 6.2 0 1 1 4 11.5M10 6.8V10l2.4 1.6",
  jobs: "M10 3.5v2.6M10 13.9v2.6M3.5 10h2.6M13.9 10h2.6M5.4 5.4l1.8 1.8M12.8 12.8l1.8 1.8M5.4 14.6l1.8-1.8M12.8 7.2l1.8-1.8",
  outline: "M4 5.5h5M7 10h9M7 14.5h9M4 10h.6M4 14.5h.6",
  person: "M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM4 16.5c.4-3.2 2.8-4.5 6-4.5s5.6 1.3 6 4.5",
  close: "M5 5l10 10M15 5 5 15",
  play: "M6.5 4.5v11l9-5.5z",
  pause: "M7 5v10M13 5v10",
  loop: "M5 9.5V8.5a3 3 0 0 1 3-3h7.5M13 3l2.5 2.5L13 8M15 10.5v1a3 3 0 0 1-3 3H4.5M7 17l-2.5-2.5L7 12",
  scissors:
    "M5.5 7.8a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM5.5 16.2a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM7.2 6.9 16.5 14M7.2 13.1 16.5 6",
  star: "m10 3.5 2 4.2 4.5.6-3.3 3.2.8 4.6L10 13.9l-4 2.2.8-4.6L3.5 8.3l4.5-.6z",
  vary: "M10 10 5 4.5M10 10l5-5.5M10 10v6.5M3.5 7V3.5H7M13 3.5h3.5V7",
  swap: "M4 7h11M12 4l3 3-3 3M16 13H5M8 10l-3 3 3 3",
  mix: "M8 15.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM12 13.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Z",
  animate: "M3.5 6h9v8h-9zM12.5 9l4-2.5v7l-4-2.5M6 3.5h4",
  restyle: "m11.5 5 3.5 3.5-7.6 7.6H4v-3.5zM13.3 3.4l3.4 3.4",
  spread:
    "M8 8h4v4H8zM3.5 3.5h1.6v1.6H3.5zM9.2 3.5h1.6v1.6H9.2zM14.9 3.5h1.6v1.6h-1.6zM3.5 9.2h1.6v1.6H3.5zM14.9 9.2h1.6v1.6h-1.6zM3.5 14.9h1.6v1.6H3.5zM9.2 14.9h1.6v1.6H9.2zM14.9 14.9h1.6v1.6h-1.6z",
  reframe: "M6 3v11h11M3 6h11v11",
  connect:
    "M4.8 12.6a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM15.2 11.4a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM6.8 10.6c3 0 3.4-1.2 6.4-1.2",
  recipe: "M5 3.5h7l3 3v10H5zM12 3.5v3h3M7.5 10h5M7.5 13h5",
  check: "m4.5 10.5 3.5 3.5 7.5-8",
  trash: "M4 5.5h12M8 5.5V4h4v1.5M5.5 5.5l.8 11h7.4l.8-11M8.5 8.5v5M11.5 8.5v5",
  board: "M3.5 6.5h5.2l1.3-2h6.5v12h-13z",
  note: "M4 4h12v8.5L12.5 16H4zM12.5 16v-3.5H16M7 8h6M7 11h3",
  more: "M5 10h.1M10 10h.1M15 10h.1",
  copy: "M7 7h9v9.5H7zM4 13V3.5h9",
  download: "M10 3.5v9M6.5 9.5 10 13l3.5-3.5M4 16.5h12",
  retry: "M16 5v3.5h-3.5M15.6 8.3A6.2 6.2 0 1 0 16 11.5",
  dice: "M4 4h12v12H4zM7.2 7.2v.1M12.8 7.2v.1M10 10v.1M7.2 12.8v.1M12.8 12.8v.1",
  expand: "M12 3.5h4.5V8M8 16.5H3.5V12M16.5 3.5 11.5 8.5M3.5 16.5l5-5",
  compare: "M3.5 4.5h5.7v11H3.5zM10.8 4.5h5.7v11h-5.7z",
  up: "m5 12 5-5 5 5",
  down: "m5 8 5 5 5-5",
  left: "m12 5-5 5 5 5",
  right: "m8 5 5 5-5 5",
  edit: "m12.5 4 3.5 3.5-8.5 8.5H4v-3.5z",
  pin: "M7 3.5h6M8 3.5v5l-2.5 3h9L12 8.5v-5M10 11.5v5",
  warning: "M10 4 3.5 15.5h13zM10 8.5v3.2M10 13.6v.1",
  mark: "M4 10h3.5c3 0 3.5-4.5 8.5-4.5M7.5 10c3 0 3.5 4.5 8.5 4.5",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, filled = false }: { name: IconName; filled?: boolean }) {
  return (
    <svg
      className={filled ? "icon icon-filled" : "icon"}
      viewBox="0 0 20 20"
      aria-hidden="true"
      focusable="false"
    >
      <path d={SHAPES[name]} />
    </svg>
  );
}
