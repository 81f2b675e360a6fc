"""What the nodes of `tests/comfyui_server.py` do: those without weights what the real ones do, the others a stand-in.

Pictures are float arrays `(N, H, W, 3)`, 0–255. Where a model would be, the result is a fade between what it was given,
tinted by its seed and its words: so everything that goes into a workflow is seen in what comes out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.float32]
Told = Callable[[int, int, Pictures], None]
"""Told by a sampler after each step: which, of how many, and what it looks like."""

MODELS = {
    "diffusion_models": (
        "wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors",
        "wan2.2_i2v_low_noise_14B_fp8_scaled.safetensors",
        "flux-2-klein-4b-fp8.safetensors",
    ),
    "loras": (
        "wan2.2_i2v_lightx2v_4steps_lora_v1_high_noise.safetensors",
        "wan2.2_i2v_lightx2v_4steps_lora_v1_low_noise.safetensors",
    ),
    "text_encoders": (
        "umt5_xxl_fp8_e4m3fn_scaled.safetensors",
        "gemma_3_12B_it_fp4_mixed.safetensors",
        "qwen_3_4b.safetensors",
    ),
    "vae": ("wan_2.1_vae.safetensors", "flux2-vae.safetensors"),
    "checkpoints": ("ltx-2.3-22b-distilled-fp8.safetensors",),
}

# Class: its inputs, as `name:TYPE`, `name=a|b` for a choice and `name@folder` for a file; `?` for those it can do without.
_SPECIFIED = """
LoadImage image@input
ImageBlend image1:IMAGE image2:IMAGE blend_factor:FLOAT blend_mode=normal|multiply|screen
ImageBatch image1:IMAGE image2:IMAGE
CreateVideo images:IMAGE fps:FLOAT ?audio:AUDIO
SaveVideo video:VIDEO filename_prefix:STRING format=auto|mp4 codec=auto|h264
SaveImage images:IMAGE filename_prefix:STRING
UNETLoader unet_name@diffusion_models weight_dtype=default|fp8_e4m3fn
LoraLoaderModelOnly model:MODEL lora_name@loras strength_model:FLOAT
ModelSamplingSD3 model:MODEL shift:FLOAT
CLIPLoader clip_name@text_encoders type=wan|flux2|ltxv ?device=default|cpu
VAELoader vae_name@vae
CheckpointLoaderSimple ckpt_name@checkpoints
CLIPTextEncode text:STRING clip:CLIP
WanFirstLastFrameToVideo positive:CONDITIONING negative:CONDITIONING vae:VAE width:INT height:INT length:INT batch_size:INT ?start_image:IMAGE ?end_image:IMAGE
KSamplerAdvanced model:MODEL add_noise=enable|disable noise_seed:INT steps:INT cfg:FLOAT sampler_name=euler|uni_pc scheduler=simple|normal positive:CONDITIONING negative:CONDITIONING latent_image:LATENT start_at_step:INT end_at_step:INT return_with_leftover_noise=enable|disable
VAEDecode samples:LATENT vae:VAE
VAEDecodeTiled samples:LATENT vae:VAE tile_size:INT overlap:INT temporal_size:INT temporal_overlap:INT
VAEEncode pixels:IMAGE vae:VAE
LTXAVTextEncoderLoader text_encoder@text_encoders ckpt_name@checkpoints device=default|cpu
LTXVAudioVAELoader ckpt_name@checkpoints
LTXVConditioning positive:CONDITIONING negative:CONDITIONING frame_rate:FLOAT
EmptyLTXVLatentVideo width:INT height:INT length:INT batch_size:INT
LTXVAddGuide positive:CONDITIONING negative:CONDITIONING vae:VAE latent:LATENT image:IMAGE frame_idx:INT strength:FLOAT
LTXVEmptyLatentAudio frames_number:INT frame_rate:INT batch_size:INT audio_vae:VAE
LTXVConcatAVLatent video_latent:LATENT audio_latent:LATENT
LTXVSeparateAVLatent av_latent:LATENT
LTXVCropGuides positive:CONDITIONING negative:CONDITIONING latent:LATENT
CFGGuider model:MODEL positive:CONDITIONING negative:CONDITIONING cfg:FLOAT
KSamplerSelect sampler_name=euler|uni_pc
ManualSigmas sigmas:STRING
RandomNoise noise_seed:INT
SamplerCustomAdvanced noise:NOISE guider:GUIDER sampler:SAMPLER sigmas:SIGMAS latent_image:LATENT
ConditioningZeroOut conditioning:CONDITIONING
Flux2Scheduler steps:INT width:INT height:INT
SplitSigmasDenoise sigmas:SIGMAS denoise:FLOAT
EmptyFlux2LatentImage width:INT height:INT batch_size:INT
ReferenceLatent conditioning:CONDITIONING ?latent:LATENT
"""
CLASSES: dict[str, tuple[str, ...]] = {
    line.split()[0]: tuple(line.split()[1:]) for line in _SPECIFIED.strip().splitlines()
}
OUTPUTS = ("SaveVideo", "SaveImage")


def performed(cls: str, inputs: Mapping[str, Any], told: Told) -> tuple[Any, ...]:
    """The outputs of a node, which is none that loads or saves pictures."""
    known = _NODES.get(cls)
    if known is None:
        return (cls,) * 3  # something with weights, which nobody here looks into
    made = known(inputs, told) if cls in _SAMPLERS else known(inputs)
    return made if isinstance(made, tuple) else (made,)


def _resized(pictures: Pictures, size: tuple[int, int]) -> Pictures:
    return np.stack([cv2.resize(picture, size, interpolation=cv2.INTER_AREA) for picture in pictures])


def _fade(first: Pictures, last: Pictures, count: int) -> Pictures:
    shares = np.linspace(0, 1, count, dtype=np.float32)[:, None, None, None]
    return first[:1] * (1 - shares) + last[:1] * shares


def _tinted(pictures: Pictures, *, seed: int, text: str, share: float) -> Pictures:
    digest = hashlib.sha256(f"{seed} {text}".encode()).digest()
    tint = np.frombuffer(digest[:3], np.uint8).astype(np.float32)
    return pictures * np.float32(1 - share) + tint * np.float32(share)


def _wan(inputs: Mapping[str, Any]) -> tuple[Any, ...]:
    size = (inputs["width"], inputs["height"])
    assert size[0] % 16 == 0 == size[1] % 16, "Wan wants sides divisible by 16"
    assert inputs["length"] % 4 == 1, "Wan wants 4k+1 frames"
    first = _resized(inputs["start_image"], size)
    last = _resized(inputs["end_image"], size) if "end_image" in inputs else 255 - first
    return inputs["positive"], inputs["negative"], _fade(first, last, inputs["length"])


def _wan_sampler(inputs: Mapping[str, Any], told: Told) -> Pictures:
    latent = inputs["latent_image"]
    for step in range(inputs["start_at_step"], inputs["end_at_step"]):
        told(step + 1 - inputs["start_at_step"], inputs["end_at_step"] - inputs["start_at_step"], latent)
    if inputs["add_noise"] == "disable":
        return latent
    return _tinted(latent, seed=inputs["noise_seed"], text=inputs["positive"]["text"], share=0.2)


def _guided(inputs: Mapping[str, Any]) -> tuple[Any, ...]:
    latent = inputs["latent"]
    height, width = latent["frames"].shape[1:3]
    guide = _resized(inputs["image"], (width, height))
    guides = {**latent["guides"], inputs["frame_idx"]: guide}
    return inputs["positive"], inputs["negative"], {**latent, "guides": guides}


def _ltx_latent(inputs: Mapping[str, Any]) -> dict[str, Any]:
    assert inputs["width"] % 32 == 0 == inputs["height"] % 32, "LTX wants sides divisible by 32"
    assert inputs["length"] % 8 == 1, "LTX wants 8k+1 frames"
    shape = (inputs["length"], inputs["height"], inputs["width"], 3)
    return {"frames": np.zeros(shape, np.float32), "guides": {}}


def _custom_sampler(inputs: Mapping[str, Any], told: Told) -> tuple[Any, ...]:
    latent, words, sigmas = inputs["latent_image"], inputs["guider"], inputs["sigmas"]
    steps, share = (sigmas["steps"], sigmas["share"]) if isinstance(sigmas, dict) else (8, 0.2)
    moving = isinstance(latent, dict)
    pictures = _fade(latent["guides"][0], latent["guides"][-1], len(latent["frames"])) if moving else latent
    for reference in words["references"]:
        pictures = (pictures + _resized(reference, pictures.shape[2:0:-1])) / 2
    for step in range(steps):
        told(step + 1, steps, pictures)
    made = _tinted(pictures, seed=inputs["noise"], text=words["text"], share=share)
    return ({**latent, "frames": made} if moving else made), None


def _reference(inputs: Mapping[str, Any]) -> dict[str, Any]:
    words = inputs["conditioning"]
    return {**words, "references": [*words["references"], inputs["latent"]]}


_SAMPLERS = ("KSamplerAdvanced", "SamplerCustomAdvanced")
_NODES: dict[str, Callable[..., Any]] = {
    "ImageBlend": lambda i: i["image1"] * (1 - i["blend_factor"]) + i["image2"] * i["blend_factor"],
    "ImageBatch": lambda i: np.concatenate([i["image1"], i["image2"]]),
    "CreateVideo": lambda i: {"frames": i["images"], "fps": i["fps"]},
    "CLIPTextEncode": lambda i: {"text": i["text"], "references": []},
    "ConditioningZeroOut": lambda i: {**i["conditioning"], "text": ""},
    "ReferenceLatent": _reference,
    "WanFirstLastFrameToVideo": _wan,
    "KSamplerAdvanced": _wan_sampler,
    "LTXVConditioning": lambda i: (i["positive"], i["negative"]),
    "EmptyLTXVLatentVideo": _ltx_latent,
    "LTXVAddGuide": _guided,
    "LTXVConcatAVLatent": lambda i: i["video_latent"],
    "LTXVSeparateAVLatent": lambda i: (i["av_latent"], None),
    "LTXVCropGuides": lambda i: (i["positive"], i["negative"], i["latent"]["frames"]),
    "VAEDecode": lambda i: i["samples"],
    "VAEDecodeTiled": lambda i: i["samples"],
    "VAEEncode": lambda i: i["pixels"],
    "CFGGuider": lambda i: i["positive"],
    "RandomNoise": lambda i: i["noise_seed"],
    "Flux2Scheduler": lambda i: {"steps": i["steps"], "share": 0.5},
    "SplitSigmasDenoise": lambda i: (
        None,
        {"steps": max(1, round(i["sigmas"]["steps"] * i["denoise"])), "share": i["denoise"]},
    ),
    "EmptyFlux2LatentImage": lambda i: np.full((1, i["height"], i["width"], 3), 90, np.float32),
    "SamplerCustomAdvanced": _custom_sampler,
}
