"""A picture of a workspace: nodes as thumbnails at their places, edges as strips of their frames."""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import forkframe as ff
from forkframe.studio import EdgeView, NodeView

_SCALE = 0.62
"""Picture pixels for each canvas unit."""
_NODE = (240, 135)
_STRIP = (72, 40)
_MARGIN = 150
_GROUND, _LINE, _WORDS = (17, 18, 21), (255, 179, 92), (240, 240, 236)


def draw_graph(ws: ff.Workspace, path: Path) -> None:
    """Writes a PNG of the whole workspace; edges' drafts are rendered if need be."""
    view = ws.show()
    left, top = min(n.x for n in view.nodes), min(n.y for n in view.nodes)
    width = max(n.x for n in view.nodes) - left
    height = max(n.y for n in view.nodes) - top
    canvas = Image.new(
        "RGB", (round(width * _SCALE) + _MARGIN * 2, round(height * _SCALE) + _MARGIN * 2), _GROUND
    )
    draw = ImageDraw.Draw(canvas)
    places = {n.id: (_MARGIN + (n.x - left) * _SCALE, _MARGIN + (n.y - top) * _SCALE) for n in view.nodes}
    strips = {edge.id: edge.strip(frames=7, side=_STRIP[0] * 2) for edge in ws.edges}
    for edge in view.edges:
        _draw_edge(canvas, draw, edge, places, strips[edge.id])
    for node, handle in zip(view.nodes, ws.nodes, strict=True):
        _draw_node(canvas, draw, node, places[node.id], handle.png())
    canvas.save(path)


def _draw_edge(
    canvas: Image.Image,
    draw: ImageDraw.ImageDraw,
    edge: EdgeView,
    places: dict[str, tuple[float, float]],
    strip: list[bytes],
) -> None:
    (x0, y0), (x1, y1) = places[edge.source], places[edge.target]
    draw.line((x0, y0, x1, y1), fill=_LINE, width=3)
    frames = [
        Image.open(BytesIO(png)).convert("RGB").resize(_STRIP, Image.Resampling.LANCZOS)
        for png in strip[1:-1]
    ]
    start, end = _outside(x0, y0, x1, y1)
    steep = abs(y1 - y0) > abs(x1 - x0)
    room = math.hypot((end - start) * (x1 - x0), (end - start) * (y1 - y0))
    count = max(1, min(len(frames), int(room // ((_STRIP[1] if steep else _STRIP[0]) + 3))))
    for place in range(count):
        share = start + (end - start) * (place + 0.5) / count
        frame = frames[round((len(frames) - 1) * (place + 0.5) / count - 0.25)]
        x, y = x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
        box = (round(x - _STRIP[0] / 2), round(y - _STRIP[1] / 2))
        draw.rectangle((box[0] - 2, box[1] - 2, box[0] + _STRIP[0] + 1, box[1] + _STRIP[1] + 1), fill=_LINE)
        canvas.paste(frame, box)
    _draw_arrow(draw, x0 + (x1 - x0) * end, y0 + (y1 - y0) * end, math.atan2(y1 - y0, x1 - x0))


def _outside(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float]:
    """Where the line between two nodes' centres leaves the first and enters the second, as shares of it."""
    dx, dy = abs(x1 - x0) or 1e-9, abs(y1 - y0) or 1e-9
    inside = min((_NODE[0] / 2 + 6) / dx, (_NODE[1] / 2 + 6) / dy)
    return inside, 1 - inside


def _draw_arrow(draw: ImageDraw.ImageDraw, x: float, y: float, angle: float) -> None:
    points = [(x + 4 * math.cos(angle), y + 4 * math.sin(angle))]
    points += [(x - 13 * math.cos(angle + turn), y - 13 * math.sin(angle + turn)) for turn in (0.5, -0.5)]
    draw.polygon(points, fill=_LINE)


def _draw_node(
    canvas: Image.Image, draw: ImageDraw.ImageDraw, node: NodeView, place: tuple[float, float], png: bytes
) -> None:
    x, y = round(place[0] - _NODE[0] / 2), round(place[1] - _NODE[1] / 2)
    picture = Image.open(BytesIO(png)).convert("RGB").resize(_NODE, Image.Resampling.LANCZOS)
    edge = _LINE if node.made_by else _WORDS
    draw.rounded_rectangle((x - 3, y - 3, x + _NODE[0] + 2, y + _NODE[1] + 2), radius=5, fill=edge)
    canvas.paste(picture, (x, y))
    shade = Image.new("L", (1, 34))
    shade.putdata([round(215 * (row / 33) ** 0.8) for row in range(34)])
    band = (x, y + _NODE[1] - 34)
    canvas.paste((0, 0, 0), band, shade.resize((_NODE[0], 34)))
    baseline = y + _NODE[1] - 8
    draw.text(
        (x + 8, baseline), node.label or node.id, fill=_WORDS, font=ImageFont.load_default(16), anchor="ls"
    )
    if node.made_by:
        made_by = node.made_by.split("@")[0].replace("builtin.", "") if "@" in node.made_by else "branch"
        right = (x + _NODE[0] - 8, baseline)
        draw.text(right, made_by, fill=_LINE, font=ImageFont.load_default(13), anchor="rs")
