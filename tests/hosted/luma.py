"""Luma, pretended: generations that are asked for by POST and retrieved; nothing can be cancelled there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from tests.hosted.provider import REASON, Answer, PretendedProvider, Refusal, Taken, new_id, picture_of

_MOST, _MOST_ALL = 50_000_000, 50_000_000
_VIDEO = {"16:9", "9:16", "4:3", "3:4", "1:1", "21:9"}
_IMAGE = {"3:1", "2:1", "21:9", "16:9", "4:3", "3:2", "1:1", "3:4", "2:3", "9:16", "1:2", "1:3"}
_PRICE = {"360p": 0.06, "540p": 0.5, "720p": 1.0, "1080p": 2.0}


class PretendedLuma(PretendedProvider):
    """Takes generations as Luma's page on its interface says, of November 2026. It knows no seeds."""

    variable: ClassVar[str] = "LUMA_BASE_URL"
    key_variable: ClassVar[str] = "LUMA_AGENTS_API_KEY"

    @property
    def address(self) -> str:
        return f"{self.url}/v1"

    def route(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if headers["Authorization"] != f"Bearer {self.key}":
            return Answer(401, self.complaint(401, f"Invalid API key: {headers['Authorization']}"))
        if self.revoked:
            return Answer(403, self.complaint(403, "Access denied"))
        match method, path.strip("/").split("/"):
            case "POST", ["v1", "generations"]:
                if len(body) > _MOST_ALL:
                    return Answer(413, self.complaint(413, "Input media exceeds size limit"))
                return self._created(json.loads(body))
            case "GET", ["v1", "generations", key]:
                return self.mishap("poll") or self._got(key)
            case _:
                return Answer(404, self.complaint(404, "Not found"))

    def complaint(self, status: int, said: str) -> object:
        return {"detail": said}

    def _created(self, body: Mapping[str, Any]) -> Answer:
        taken = self.take(body, self._film if body["type"] == "video" else self._still)
        return taken if isinstance(taken, Answer) else Answer(201, self._standing(taken, "queued"))

    def _film(self, body: Mapping[str, Any]) -> Taken:
        video = body["video"]
        if body["model"] != "ray-3.2":
            raise Refusal(400, f"Unknown model {body['model']}")
        if body["aspect_ratio"] not in _VIDEO or not 1 <= len(body["prompt"]) <= 6000:
            raise Refusal(400, f"Unsupported aspect ratio {body['aspect_ratio']}")
        seconds = {"5s": 5, "10s": 10}[video["duration"]]
        places = video["keyframe_indexes"]
        if len(places) != len(video["keyframes"]) or not 1 <= len(places) <= 64:
            raise Refusal(422, f"{len(places)} places for {len(video['keyframes'])} keyframes")
        if len(set(places)) != len(places) or not all(0 <= place <= seconds * 24 for place in places):
            raise Refusal(422, f"No such places: {places}")
        size = {"16:9": (1280, 720), "9:16": (720, 1280), "1:1": (720, 720)}.get(
            body["aspect_ratio"], (960, 720)
        )
        dollars = _PRICE[video["resolution"]] * seconds / 5
        return Taken(
            new_id(), body, dollars, _pictures(video["keyframes"]), 0, seconds=float(seconds), size=size
        )

    def _still(self, body: Mapping[str, Any]) -> Taken:
        if body["model"] not in ("uni-1", "uni-1-max"):
            raise Refusal(400, f"Unknown model {body['model']}")
        editing = body["type"] == "image_edit"
        if editing != ("source" in body) or (not editing and body["aspect_ratio"] not in _IMAGE):
            raise Refusal(400, "No such combination")
        references = body.get("image_ref", [])
        if len(references) > (8 if editing else 9) or not body["prompt"]:
            raise Refusal(422, f"{len(references)} references")
        pictures = _pictures([body["source"], *references] if editing else references)
        rows, columns = pictures[0].shape[:2] if editing else (96, 128)
        base = (0.1 if body["model"] == "uni-1-max" else 0.0404) + (0.003 if pictures else 0)
        # It makes something else each time: what it is asked for only counts its requests.
        body = {**body, "chance": self.submissions}
        return Taken(new_id(), body, base, pictures, 0, size=(columns, rows))

    def _got(self, key: str) -> Answer:
        taken = self.find(key)
        if taken is None:
            return Answer(404, self.complaint(404, "Generation not found"))
        if not self.is_done(taken):
            return Answer(200, self._standing(taken, "processing" if taken.looks > 1 else "queued"))
        if taken.refused:
            failure = {"failure_code": "content_moderated", "failure_reason": REASON}
            return Answer(200, self._standing(taken, "failed") | failure)
        kind = "video" if taken.seconds else "image"
        output = {"output": [{"type": kind, "url": self.file_url(taken)}]}
        return Answer(200, self._standing(taken, "completed") | output)

    def _standing(self, taken: Taken, state: str) -> dict[str, object]:
        return {
            "id": taken.id,
            "created_at": "2026-11-21T12:00:00Z",
            "model": taken.body["model"],
            "state": state,
            "type": taken.body["type"],
        }


def _pictures(references: list[Mapping[str, str]]) -> list[Any]:
    return [picture_of(f"data:{r['media_type']};base64,{r['data']}", most=_MOST) for r in references]
