"""One request at a server, whichever attempt submitted it: followed to its end, and fetched."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Generator, Mapping
from pathlib import Path, PurePosixPath
from typing import cast

import cv2

from forkframe.engines.comfyui.facts import facts_of
from forkframe.engines.comfyui.filling import filled, working_size
from forkframe.engines.comfyui.reading import table
from forkframe.engines.comfyui.server import Output, Server, Standing, Unreachable
from forkframe.engines.comfyui.template import Procedure, Template, title_of
from forkframe.engines.comfyui.watching import Watch
from forkframe.engines.fitting import stretched
from forkframe.engines.protocol import Context, Pixels, Progress
from forkframe.errors import Cancelled, EngineBusy, RenderFailed
from forkframe.model.recipe import Input, Recipe, Role

_LISTENING, _LOOKING, _SHOWING = 0.25, 1.0, 0.5
"""Seconds that one turn listens at most, between two looks at where the request is, and between two previews."""
_EAGER = 0.2
"""As a share of the time since it was followed: so often is looked at first, for what takes no time at all."""
_GRACE = 10.0
"""Seconds for which a server may be away before the attempt ends; the next one takes the request up again."""
_LAST_WORD = 3.0
"""Seconds for each answer when a request is withdrawn: a cancelled worker has little time left."""
_MOST_LOSSES = 2
_FETCHING = 0.97
"""How far a request is when only its result has to be fetched."""


class Order:
    """A recipe at a server.

    Args:
        url: the server's address.
        template: what is run there.
        procedure: the template's, for the recipe's operation.
        request: the recipe.
        context: where its pictures come from and its id is kept.
    """

    def __init__(
        self, url: str, template: Template, procedure: Procedure, request: Recipe, context: Context
    ) -> None:
        self._url = url
        self._server = Server(url)
        self._template = template
        self._procedure = procedure
        self._request = request
        self._context = context
        self._remote = context.remote
        self._share = 0.0
        self._was_its_turn = False
        """Whether a server that forgets the request has itself to blame for it: others may have brought it down."""

    def delivered(self) -> Generator[Progress, None, Path]:
        """The file that the workflow saved, fetched.

        Raises:
            Cancelled: nobody wants it any more.
            EngineBusy: the server is away, or broke off.
            RenderFailed: it did not take the workflow, or the workflow failed.
        """
        self._stop_if_cancelled()
        taken_up = bool(self._remote.id)
        losses = misses = 0
        try:
            if not taken_up:
                yield from self._submitted(uuid.uuid4().hex)
            while True:
                standing = yield from self._followed()
                if standing.state == "done":
                    self._share = _FETCHING
                    yield Progress(self._share)
                    try:
                        return self._fetched(standing)
                    except Unreachable:
                        misses += 1
                        if misses > _MOST_LOSSES:
                            raise
                        yield from self._pause()
                        continue
                if standing.state == "lost":
                    losses += self._was_its_turn
                    if losses > _MOST_LOSSES:
                        raise RenderFailed(
                            f"ComfyUI at {self._url} has forgotten the request {losses} times",
                            hint="does it run out of memory? Look at its log, and try a smaller size",
                        )
                    yield from self._submitted(self._remote.id)
                elif standing.state == "interrupted" and taken_up:
                    self._remote.refused()  # an earlier attempt stopped it; whoever asks again wants a new one
                    yield from self._submitted(uuid.uuid4().hex)
                else:
                    self._remote.refused()
                    raise self._failure(standing)
                taken_up = False
        except Unreachable as error:
            raise error.busy() from error

    def withdraw(self) -> None:
        """Tells the server that nobody wants the request any more.

        Raises:
            EngineBusy: it is away.
        """
        if self._remote.id:
            try:
                Server(self._url, limit=_LAST_WORD).withdraw(self._remote.id)
            except Unreachable as error:
                raise error.busy() from error
            self._remote.refused()

    def _submitted(self, id: str) -> Generator[Progress, None, None]:  # noqa: A002 - the server's word
        """Returns when the workflow is submitted, or may be; a server that is away is waited for."""
        begun = time.monotonic()
        while True:
            try:
                self._submit(id)
                return
            except Unreachable:
                if time.monotonic() - begun > _GRACE:
                    raise
            yield from self._pause()

    def _submit(self, id: str) -> None:  # noqa: A002 - the server's word
        """Uploads the pictures and submits the workflow; the id is kept first, so that nothing is submitted twice."""
        graph = self._filled(prefix=f"forkframe/{self._template.name}-{id[:12]}")
        self._remote.submitting(repeatable=True)
        self._remote.submitted(id)
        self._was_its_turn = False
        try:
            said = self._server.submit(graph, id=id)
        except Unreachable:  # it may have been taken: whoever follows it will see
            return
        if isinstance(said, str):
            self._was_its_turn = True
            if said != id:  # an old server gives ids of its own
                self._remote.submitted(said)
            return
        self._remote.refused()
        raise self._refusal(said)

    def _pause(self) -> Generator[Progress, None, None]:
        self._stop_if_cancelled()
        time.sleep(_LISTENING)
        yield Progress(self._share)

    def _filled(self, *, prefix: str) -> dict[str, dict[str, object]]:
        resolution = str(self._request.parameters.get("resolution", ""))
        size = working_size(self._request.frame, self._procedure.sizes, resolution=resolution)
        names: dict[Role, tuple[str, ...]] = {}
        for item in self._request.inputs:
            names[item.role] = (*names.get(item.role, ()), self._uploaded(item, size))
        return filled(
            self._procedure,
            self._request,
            graph=facts_of(self._url, self._template.classes).resolved(self._procedure.graph),
            pictures=names,
            size=size,
            prefix=prefix,
        )

    def _uploaded(self, item: Input, size: tuple[int, int]) -> str:
        """The name of a picture on the server; it follows from the bytes, so that uploading it again changes nothing."""
        self._stop_if_cancelled()
        data = self._context.picture_file(item.pixels).read_bytes()
        if size != self._request.frame.size:
            data = _png(stretched(self._context.image(item.pixels), size))
        return self._server.upload(data, f"{hashlib.sha256(data).hexdigest()[:24]}.png")

    def _followed(self) -> Generator[Progress, None, Standing]:
        """Where the request is once it is neither waiting nor running."""
        begun = heard = time.monotonic()
        looked = shown = -1e9
        missed = False
        with Watch(self._server.socket_url, self._remote.id, self._procedure.graph) as watch:
            while True:
                self._stop_if_cancelled()
                watch.listen(_LISTENING)
                now = time.monotonic()
                if watch.ended or now - looked >= min(_LOOKING, _EAGER * (now - begun)):
                    looked, watch.ended = now, False
                    try:
                        standing = self._server.standing(self._remote.id)
                    except Unreachable:
                        if now - heard > _GRACE:
                            raise
                    else:
                        heard = now
                        if standing.state in ("waiting", "running"):
                            self._was_its_turn = standing.state == "running"
                        if standing.state not in ("waiting", "running", "lost"):
                            return standing
                        if standing.state == "lost" and missed:
                            return standing
                        missed = standing.state == "lost"  # looked at once more before it is believed
                preview = None
                if watch.preview and now - shown >= _SHOWING:
                    shown, preview = now, self._decoded(watch)
                self._share = max(self._share, watch.share * _FETCHING)
                yield Progress(self._share, preview)

    def _decoded(self, watch: Watch) -> Pixels | None:
        """The latest preview. It comes from elsewhere, so it is decoded like everything that does."""
        path = self._context.scratch() / "preview"
        path.write_bytes(watch.preview or b"")
        watch.preview = None
        try:
            return self._context.picture_from(path)
        except RenderFailed:  # nobody misses one preview
            return None

    def _fetched(self, standing: Standing) -> Path:
        output = self._output(standing.outputs)
        ending = "".join(sign for sign in PurePosixPath(output.filename).suffix if sign.isalnum())
        path = self._context.scratch() / f"result.{ending[:5]}"
        try:
            self._server.download(output, path)
        except RenderFailed:
            self._remote.refused()
            raise
        return path

    def _output(self, outputs: Mapping[str, tuple[Output, ...]]) -> Output:
        made = outputs.get(self._procedure.output, ())
        kept = [output for output in made if output.type == "output"] or list(made)
        if not kept:
            self._remote.refused()
            title = title_of(self._procedure.graph, self._procedure.output)
            raise RenderFailed(
                f"ComfyUI is done, but {title} saved nothing", hint="look at the workflow in ComfyUI"
            )
        return kept[-1]

    def _refusal(self, said: Mapping[str, object]) -> RenderFailed:
        """What a server says that does not take a workflow, in words."""
        for key, problem in table(said.get("node_errors")).items():
            errors = table(problem).get("errors")
            for error in cast("list[object]", errors) if isinstance(errors, list) else []:
                message, details = (str(table(error).get(name) or "") for name in ("message", "details"))
                reason = f"{message}: {details}" if details else message
                title = title_of(self._procedure.graph, key)
                return RenderFailed(
                    f"ComfyUI does not take the workflow: {title}: {_line(reason)}",
                    hint=f"run {self._template.title} in ComfyUI itself, and put right what it complains about",
                )
        error = said.get("error")
        reason = str(table(error).get("message") or error or "without a word")
        return RenderFailed(
            f"ComfyUI does not take the workflow: {_line(reason)}",
            hint="update ComfyUI, or install the nodes that it lacks",
        )

    def _failure(self, standing: Standing) -> RenderFailed:
        """Why a workflow came to no good end, in words."""
        said = standing.failure
        if standing.state == "interrupted":
            return RenderFailed("somebody stopped the workflow in ComfyUI", hint="retry it")
        title = (
            title_of(self._procedure.graph, str(said.get("node_id")))
            if said.get("node_id")
            else "the workflow"
        )
        reason = _line(str(said.get("exception_message") or said.get("exception_type") or "without a word"))
        memory = "memory" in f"{said.get('exception_type')} {reason}".lower()
        return RenderFailed(
            f"ComfyUI failed at {title}: {reason}",
            hint="choose a smaller size or a shorter edge, or free the graphics card"
            if memory
            else "its log says more; retry when it is put right",
        )

    def _stop_if_cancelled(self) -> None:
        if self._context.cancelled:
            raise Cancelled


def _png(picture: Pixels) -> bytes:
    done, data = cv2.imencode(".png", picture[..., ::-1])
    if not done:
        raise EngineBusy("a picture could not be encoded", hint="try again")
    return data.tobytes()


def _line(text: str) -> str:
    """The first line of what somebody else wrote, not too long and without anything that a terminal would obey."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "without a word")
    first = "".join(sign if sign.isprintable() else " " for sign in first)
    return first if len(first) <= 300 else f"{first[:297]}…"
