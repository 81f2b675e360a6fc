"""The queue of fal, pretended: requests that are put into it by POST, looked at, cancelled by PUT."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, ClassVar

from tests.hosted.provider import REASON, Answer, PretendedProvider, Refusal, Taken, new_id, picture_of

_MOST = 10_000_000
_VEO = {"first-last-frame-to-video": ("first_frame_url", "last_frame_url"), "image-to-video": ("image_url",)}
_KLING = {"o3/standard": "image_url", "v3/pro": "start_image_url"}
_PRICES = {"veo3.1": 0.2, "veo3.1/fast": 0.1, "o3/standard": 0.084, "v3/pro": 0.112}


class PretendedFal(PretendedProvider):
    """Takes requests as the pages of fal's models say, of November 2026."""

    variable: ClassVar[str] = "FORKFRAME_FAL_URL"
    key_variable: ClassVar[str] = "FAL_KEY"
    breaks = ""
    """What kind of failure the queue knows of; "" for none."""

    def route(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if headers["Authorization"] != f"Key {self.key}":
            return Answer(401, self.complaint(401, f"No such key: {headers['Authorization']}"))
        if self.revoked:
            return Answer(403, self.complaint(403, "This key was revoked"))
        application, _, rest = path.strip("/").partition("/requests/")
        match method, rest.split("/"):
            case "POST", [""]:
                return self._submitted(application, json.loads(body))
            case "GET", [key, "status"]:
                return self.mishap("poll") or self._status(application, key)
            case "GET", [key]:
                return self._result(application, key)
            case "PUT", [key, "cancel"]:
                return self.mishap("cancel") or self._cancelled(application, key)
            case _:
                return Answer(404, self.complaint(404, "Path not found"))

    def complaint(self, status: int, said: str) -> object:
        return {"detail": said}

    def _submitted(self, application: str, arguments: Mapping[str, Any]) -> Answer:
        read = self._still if "flux-2" in application else self._film
        taken = self.take({"application": application, **arguments}, read)
        if isinstance(taken, Answer):
            return taken
        base = f"https://queue.fal.run/{_app(application)}/requests/{taken.id}"
        urls = {"response_url": base, "status_url": f"{base}/status", "cancel_url": f"{base}/cancel"}
        return Answer(200, {"request_id": taken.id, "status": "IN_QUEUE", "queue_position": 0} | urls)

    def _film(self, body: Mapping[str, Any]) -> Taken:
        application: str = body["application"]
        owner, _, rest = application.partition("/")
        family, _, what = rest.rpartition("/")
        if owner != "fal-ai":
            raise Refusal(404, f"Application {application} not found")
        if family in ("veo3.1", "veo3.1/fast") and what in _VEO:
            names, seconds, price = (
                _VEO[what],
                {"4s": 4, "6s": 6, "8s": 8}.get(body["duration"]),
                _PRICES[family],
            )
            known = {"aspect_ratio", "resolution", "seed"}
            if body["aspect_ratio"] not in ("16:9", "9:16") or body["resolution"] not in ("720p", "1080p"):
                raise Refusal(422, "no such shape")
        elif family.removeprefix("kling-video/") in _KLING and what == "image-to-video":
            kind = family.removeprefix("kling-video/")
            names = (_KLING[kind], *(["end_image_url"] if "end_image_url" in body else []))
            seconds, price, known = (
                {str(n): n for n in range(3, 16)}.get(body["duration"]),
                _PRICES[kind],
                set(),
            )
        else:
            raise Refusal(404, f"Application {application} not found")
        stranger = set(body) - known - {"application", "prompt", "duration", "generate_audio", *names}
        if seconds is None or stranger or body["generate_audio"] or not body["prompt"]:
            raise Refusal(422, f"not like this: {stranger or body['duration']}")
        pictures = [picture_of(body[name], most=_MOST) for name in names]
        rows, columns = pictures[0].shape[:2]
        return Taken(new_id(), body, price * seconds, pictures, 0, seconds=seconds, size=(columns, rows))

    def _still(self, body: Mapping[str, Any]) -> Taken:
        editing = body["application"].endswith("/edit")
        if body["application"] not in ("fal-ai/flux-2/klein/4b", "fal-ai/flux-2/klein/4b/edit"):
            raise Refusal(404, f"Application {body['application']} not found")
        known = {"application", "prompt", "seed", "image_size", "output_format", "num_images"}
        if set(body) - known - ({"image_urls"} if editing else set()) or not body["prompt"]:
            raise Refusal(422, f"not like this: {set(body) - known}")
        pictures = [picture_of(uri, most=_MOST) for uri in body.get("image_urls", [])]
        if editing != (1 <= len(pictures) <= 4):
            raise Refusal(422, f"{len(pictures)} pictures")
        size = body["image_size"]["width"], body["image_size"]["height"]
        made = math.ceil(size[0] * size[1] / 1e6)
        dollars = (
            0.01 * (made + len(pictures)) if editing else 0.005 * made
        )  # no picture counts as more than one
        return Taken(new_id(), body, dollars, pictures, 0, size=size)

    def _known(self, application: str, key: str) -> Taken | None:
        taken = self.find(key)
        return taken if taken and _app(taken.body["application"]) == application else None

    def _status(self, application: str, key: str) -> Answer:
        taken = self._known(application, key)
        if taken is None:
            return Answer(404, self.complaint(404, "Request not found"))
        if taken.cancelled:
            return Answer(404, self.complaint(404, "Request was cancelled"))
        if not self.is_done(taken):
            if taken.looks == 1:
                return Answer(202, {"status": "IN_QUEUE", "queue_position": 2})
            return Answer(202, {"status": "IN_PROGRESS", "logs": None})
        completed = {"status": "COMPLETED", "logs": None, "metrics": {"inference_time": 1.5}}
        broken = {"error": "the runner went away", "error_type": self.breaks} if self.breaks else {}
        return Answer(200, completed | broken)

    def _result(self, application: str, key: str) -> Answer:
        taken = self._known(application, key)
        if taken is None:
            return Answer(404, self.complaint(404, "Request not found"))
        if taken.refused:
            wrong = {"loc": ["body", "prompt"], "msg": REASON, "type": "content_policy_violation"}
            return Answer(422, {"detail": [wrong]})
        url = self.file_url(taken)
        return Answer(
            200, {"video": {"url": url}} if taken.seconds else {"images": [{"url": url}], "seed": 1}
        )

    def _cancelled(self, application: str, key: str) -> Answer:
        taken = self._known(application, key)
        if taken is None:
            return Answer(404, {"status": "NOT_FOUND"})
        if self.is_done(taken):
            return Answer(400, {"status": "ALREADY_COMPLETED"})
        self.cancel(taken)
        return Answer(202, {"status": "CANCELLATION_REQUESTED"})


def _app(application: str) -> str:
    """What addresses of requests begin with: owner and name only."""
    return "/".join(application.split("/")[:2])
