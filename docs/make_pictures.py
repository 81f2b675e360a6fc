"""Makes the pictures of the README from the demo's own output: `make docs`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from forkframe.demo import run_demo
from forkframe.media.decode import read_frames

OUT = Path(__file__).parent / "pictures"
_WIDTH, _EVERY, _FPS = 400, 3, 24
"""The animated picture: its width in pixels, and which frames of the film it shows."""


def main() -> None:
    """Runs the demo and writes `film.webp` and `graph.webp`."""
    made = run_demo(Path("demo-out"))
    OUT.mkdir(exist_ok=True)
    frames = [
        image.resize((_WIDTH, round(_WIDTH * image.height / image.width)), Image.Resampling.LANCZOS)
        for number, pixels in enumerate(read_frames(Path(str(made["film"]))))
        if number % _EVERY == 0
        for image in [Image.fromarray(pixels)]
    ]
    duration = round(1000 * _EVERY / _FPS)
    options = {"save_all": True, "append_images": frames[1:], "duration": duration, "loop": 0}
    frames[0].save(OUT / "film.webp", quality=42, method=4, **options)
    with Image.open(str(made["graph"])) as graph:
        graph.save(OUT / "graph.webp", quality=82, method=6)
    for path in sorted(OUT.iterdir()):
        print(f"{path}  {path.stat().st_size >> 10} KB")


if __name__ == "__main__":
    main()
