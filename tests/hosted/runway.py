"""Runway, pretended: tasks that are asked for by POST, retrieved, and deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from tests.hosted.provider import REASON, Answer, PretendedProvider, Refusal, Taken, new_id, picture_of

_MOST = 5_000_000
_BETWEEN = {"1280:720", "720:1280", "1080:1920", "1920:1080"}
_MOVING = {"1280:720", "720:1280", "1104:832", "960:960", "832:1104", "1584:672"}
_STILL = {
    *("1024:1024", "1080:1080", "1168:880", "1360:768", "1440:1080", "1080:1440", "1808:768", "1920:1080"),
    *("1080:1920", "2112:912", "1280:720", "720:1280", "720:720", "960:720", "720:960", "1680:720"),
}
_CREDITS = {"veo3.1": 20, "veo3.1_fast": 10, "gen4.5": 12, "gen4_turbo": 5}


class PretendedRunway(PretendedProvider):
    """Takes tasks as Runway's page on its interface says, of November 2026."""

    variable: ClassVar[str] = "RUNWAYML_BASE_URL"
    key_variable: ClassVar[str] = "RUNWAYML_API_SECRET"

    def route(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        if headers["X-Runway-Version"] != "2024-11-06":
            return Answer(400, self.complaint(400, "no version"))
        if headers["Authorization"] != f"Bearer {self.key}":
            return Answer(401, self.complaint(401, f"no such key: {headers['Authorization']}"))
        if self.revoked:
            return Answer(403, self.complaint(403, "this key was revoked"))
        match method, path.strip("/").split("/"):
            case "POST", ["v1", "image_to_video"]:
                return self._created(json.loads(body), self._film)
            case "POST", ["v1", "text_to_image"]:
                return self._created(json.loads(body), self._still)
            case "GET", ["v1", "tasks", key]:
                return self.mishap("poll") or self._retrieved(key)
            case "DELETE", ["v1", "tasks", key]:
                return self.mishap("cancel") or self._deleted(key)
            case _:
                return Answer(404, self.complaint(404, "no such place"))

    def complaint(self, status: int, said: str) -> object:
        return {"error": said}

    def _created(self, body: Mapping[str, Any], read: Any) -> Answer:
        taken = self.take(body, read)
        if isinstance(taken, Answer):
            return taken
        return Answer(200, {"id": taken.id, "estimatedCost": {"credits": taken.dollars * 100}})

    def _film(self, body: Mapping[str, Any]) -> Taken:
        between = body["model"].startswith("veo")
        if body["model"] not in _CREDITS:
            raise Refusal(400, f"no such model: {body['model']}")
        if body["ratio"] not in (_BETWEEN if between else _MOVING):
            raise Refusal(400, f"no such ratio: {body['ratio']}")
        if body["duration"] not in ((4, 6, 8) if between else range(2, 11)) or len(body["promptText"]) > 1000:
            raise Refusal(400, f"no such duration: {body['duration']}")
        positions = [p["position"] for p in body["promptImage"]]
        if positions != (["first", "last"] if between else ["first"]):
            raise Refusal(400, f"no such positions: {positions}")
        if between and body["audio"]:
            raise Refusal(400, "sound costs more")
        pictures = [picture_of(p["uri"], most=_MOST) for p in body["promptImage"]]
        dollars = _CREDITS[body["model"]] * body["duration"] / 100
        return Taken(
            new_id(), body, dollars, pictures, 0, seconds=body["duration"], size=_size(body["ratio"])
        )

    def _still(self, body: Mapping[str, Any]) -> Taken:
        if body["model"] not in ("gen4_image", "gen4_image_turbo"):
            raise Refusal(400, f"no such model: {body['model']}")
        if body["ratio"] not in _STILL:
            raise Refusal(400, f"no such ratio: {body['ratio']}")
        if not 0 < len(body["promptText"]) <= 1000:
            raise Refusal(400, "too many words, or none")
        references = body.get("referenceImages", [])
        if len(references) > 3 or (body["model"] == "gen4_image_turbo" and not references):
            raise Refusal(400, f"{len(references)} references")
        for reference in references:
            if f"@{reference['tag']}" not in body["promptText"] or not 3 <= len(reference["tag"]) <= 16:
                raise Refusal(400, f"{reference['tag']} is not spoken of")
        pictures = [picture_of(r["uri"], most=_MOST) for r in references]
        size = _size(body["ratio"])
        price = 2 if body["model"] == "gen4_image_turbo" else 8 if min(size) > 900 else 5
        return Taken(new_id(), body, price / 100, pictures, 0, size=size)

    def _retrieved(self, key: str) -> Answer:
        taken = self.find(key)
        if taken is None:
            return Answer(404, self.complaint(404, "no such task"))
        said: dict[str, object] = {"id": key, "createdAt": "2026-11-21T12:00:00Z"}
        cost = {"credits": round(self.bills.get(key, 0.0) * 100)}
        if taken.cancelled:
            return Answer(200, said | {"status": "CANCELLED", "cost": cost})
        if not self.is_done(taken):
            states = ({"status": "PENDING"}, {"status": "THROTTLED"}, {"status": "RUNNING", "progress": 0.4})
            return Answer(200, said | states[min(taken.looks - 1, 2)] | {"estimatedCost": cost})
        if taken.refused:
            failure = {"failure": REASON, "failureCode": "SAFETY.INPUT.IMAGE"}
            return Answer(200, said | {"status": "FAILED", "cost": cost} | failure)
        return Answer(200, said | {"status": "SUCCEEDED", "cost": cost, "output": [self.file_url(taken)]})

    def _deleted(self, key: str) -> Answer:
        taken = self.find(key)
        if taken is None:
            return Answer(404, self.complaint(404, "no such task"))
        self.cancel(taken)
        return Answer(204)


def _size(ratio: str) -> tuple[int, int]:
    width, height = ratio.split(":")
    return int(width), int(height)
