"""The diffusers engine: open models on this machine's own graphics card. What the other files here can do, declared."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from forkframe.engines.diffusers.attempts import Attempts
from forkframe.engines.diffusers.libraries import missing
from forkframe.engines.diffusers.models import MODELS, Model
from forkframe.engines.diffusers.running import STEPPED, Watch
from forkframe.engines.diffusers.schemas import operations_of
from forkframe.engines.diffusers.weights import FOLDER_SETTING
from forkframe.engines.fitting import stretched
from forkframe.engines.protocol import Card, Context, Progress, Result
from forkframe.errors import Cancelled
from forkframe.model.recipe import Recipe


class DiffusersEngine:
    """Pictures and videos by the models there are.

    Args:
        models: those that it offers.
    """

    def __init__(self, models: Sequence[Model] = MODELS) -> None:
        self._models = models

    def card(self) -> Card:
        """Pictures and videos by the models there are. No library is loaded for it."""
        return Card(
            "diffusers",
            "Diffusers",
            "Open models on this machine's own graphics card; the weights are fetched when they are first used",
            operations_of(self._models),
            tier="final",
            runs_on="gpu",
            patience=1800.0,  # loading tens of gigabytes, or compiling, gives no sign of life
            missing=missing(),
            settings={FOLDER_SETTING: "A folder of models, looked into before anything is fetched"},
            homepage="https://github.com/huggingface/diffusers",
        )

    def run(self, request: Recipe, context: Context) -> Generator[Progress, None, Result]:
        """Has a model perform a request; with the next cheaper preset where memory runs out.

        Raises:
            BadInput: what was asked for does not go together.
            EngineUnavailable: weights, a library or a graphics card is missing.
            RenderFailed: the model failed, or memory is too small for the cheapest preset.
        """
        if context.cancelled:
            raise Cancelled
        watch = Watch(context)
        made, notes = yield from watch.run(lambda: Attempts(request, context, watch, self._models).made())
        if request.frames == 1:
            return Result(picture=stretched(made[0], request.frame.size), notes=notes)
        sink = context.frames_out(len(made))
        for number, frame in enumerate(made):
            if context.cancelled:
                raise Cancelled
            sink.write(stretched(frame, request.frame.size))
            yield Progress(STEPPED + (1 - STEPPED) * (number + 1) / len(made))
        return Result(frames=True, notes=notes)
