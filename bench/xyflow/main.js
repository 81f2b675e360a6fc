// The scene of bench/canvas.py in @xyflow/react, set up as its documentation advises for large graphs: sizes and handles
// are given, so that nothing is measured; components are memoised; only what is in view is rendered; straight edges.

import { Handle, Position, ReactFlow, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { createElement as h, memo } from "react";
import { createRoot } from "react-dom/client";
import "@xyflow/react/dist/style.css";

const [WIDTH, HEIGHT] = [240, 135];

const scene = await (await fetch("scene.json")).json();

const handles = [
  { type: "target", position: Position.Left, x: 0, y: HEIGHT / 2, width: 1, height: 1 },
  { type: "source", position: Position.Right, x: WIDTH, y: HEIGHT / 2, width: 1, height: 1 },
];
const defaultNodes = scene.nodes.map(([x, y], n) => ({
  id: String(n),
  type: "picture",
  position: { x: x - WIDTH / 2, y: y - HEIGHT / 2 },
  width: WIDTH,
  height: HEIGHT,
  handles,
  data: { src: scene.pictures[n % scene.pictures.length] },
}));
const defaultEdges = scene.edges.map(([source, target], n) => ({
  id: `e${n}`,
  source: String(source),
  target: String(target),
  type: "straight",
}));

const Picture = memo(({ data }) =>
  h(
    "div",
    { className: "card" },
    h(Handle, { type: "target", position: Position.Left }),
    h("img", { src: data.src, alt: "", draggable: false, elementtiming: "picture" }),
    h(Handle, { type: "source", position: Position.Right }),
  ),
);
const nodeTypes = { picture: Picture };

/** Lets the bench look where it wants. */
function Handhold() {
  window.flow = useReactFlow();
  return null;
}

createRoot(document.getElementById("root")).render(
  h(
    ReactFlowProvider,
    null,
    h(
      ReactFlow,
      {
        defaultNodes,
        defaultEdges,
        nodeTypes,
        defaultViewport: scene.viewport,
        minZoom: 0.01,
        maxZoom: 8,
        panOnScroll: true,
        panOnScrollSpeed: 1,
        onlyRenderVisibleElements: true,
        elevateNodesOnSelect: false,
        nodesFocusable: false,
        edgesFocusable: false,
        proOptions: { hideAttribution: true },
      },
      h(Handhold),
    ),
  ),
);
