"""A pipeline, loaded and laid out on the device as a preset says."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from forkframe.engines.diffusers.libraries import library, torch
from forkframe.engines.diffusers.models import Model
from forkframe.engines.diffusers.presets import Quantise, Setup
from forkframe.errors import BadInput, EngineUnavailable

_DENOISERS = ("transformer", "transformer_2")
_LARGE = (*_DENOISERS, "text_encoder")
"""The parts that are worth quantising: the others are small, or their errors show."""
_SMALL = ("vae", "audio_vae", "vocoder", "connectors")
"""Parts that stay on the card where layers wait in main memory."""
_UNCAST = ("norm", "embed", "shared", r"\bwo\b", "lm_head")
"""Layers of a text encoder that stay as they are: words are looked up as they are kept, and T5 brings the input of `wo` to
the type that `wo` has."""
_CACHE_THRESHOLD = 0.1
"""How much the first block's residual may change before the others are computed again (as in diffusers' guide)."""


def load(model: Model, folder: Path, loras: Iterable[tuple[Path, bool]], setup: Setup, device: str) -> Any:
    """The pipeline of a model, ready to be called.

    Args:
        model: which one.
        folder: holds its weights, checked.
        loras: files to add, and whether each goes to the second transformer.
        setup: how it is laid out.
        device: `cuda`, `mps` or `cpu`.

    Raises:
        BadInput: the folder's model can't do what it is meant for, or an option does not exist for it.
        EngineUnavailable: an option wants something that is not installed.
    """
    for noisy in ("diffusers.utils.logging", "transformers.utils.logging"):
        library(noisy).disable_progress_bar()
    kind = getattr(library("diffusers"), model.pipeline)
    dtype = dtype_for(device, size_of(folder))
    types = {"default": dtype, **dict.fromkeys(model.precise, torch().float32)} if model.precise else dtype
    quantised = (
        {"quantization_config": _quantisation(setup.quantise, dtype)} if _by_config(setup.quantise) else {}
    )
    pipeline = kind.from_pretrained(
        str(folder), dtype=types, use_safetensors=True, local_files_only=True, **quantised
    )
    _refuse_deaf(pipeline, model, folder)
    pipeline.set_progress_bar_config(disable=True)
    _add(pipeline, loras, fuse=not quantised)
    if setup.quantise == "fp8":
        _cast(pipeline, dtype)
    if setup.offload != "none" and hasattr(pipeline.vae, "enable_tiling"):  # a card with room needs no seams
        pipeline.vae.enable_tiling()
    for part in _parts(pipeline, _DENOISERS):
        _hasten(part, setup, model)
    if device != "cpu":  # a processor has nowhere to bring things from
        place(pipeline, setup, device)
    return pipeline


def load_tiny(folder: Path, device: str) -> Any:
    """An autoencoder that decodes previews."""
    kind = library("diffusers").AutoencoderTiny
    return kind.from_pretrained(str(folder), torch_dtype=torch().float32, use_safetensors=True).to(device)


def size_of(folder: Path) -> float:
    """GB of all weights in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*.safetensors")) / 1e9


def dtype_for(device: str, gigabytes: float) -> Any:
    """The type that weights are computed with: 16 bits; on a processor 32 where these fit, for few have 16."""
    module = torch()
    if device == "mps":
        return module.float16
    roomy = 2 * gigabytes < 0.8 * free_memory()
    return module.float32 if device == "cpu" and roomy else module.bfloat16


def free_memory() -> float:
    """GB of main memory that are free, or would be if somebody asked."""
    return float(library("psutil").virtual_memory().available) / 1e9


def free_card(device: str) -> float:
    """GB of the graphics card's memory that are free, what PyTorch holds in reserve included; main memory on a processor."""
    module = torch()
    if device == "cuda":
        free, _ = module.cuda.mem_get_info()
        return float(free + module.cuda.memory_reserved() - module.cuda.memory_allocated()) / 1e9
    if device == "mps":
        return float(module.mps.recommended_max_memory() - module.mps.driver_allocated_memory()) / 1e9
    return free_memory()


def _refuse_deaf(pipeline: Any, model: Model, folder: Path) -> None:
    """Wan TI2V-5B takes the last picture of a transition and, without a word, does not look at it."""
    if pipeline.config.get("expand_timesteps") and "last" in model.arguments.values():
        raise BadInput(
            f"{folder.name} ignores the last picture (its model expands timesteps, as Wan TI2V-5B does)",
            hint="use an I2V A14B or VACE model",
        )


def _by_config(quantise: Quantise) -> bool:
    return quantise in ("int8", "int4")


def _quantisation(quantise: Quantise, dtype: Any) -> Any:
    """What diffusers is told about weights that bitsandbytes keeps."""
    if find_spec("bitsandbytes") is None:
        raise EngineUnavailable(
            f"weights of {quantise} need bitsandbytes",
            hint="pip install bitsandbytes, or choose another quantise",
        )
    four: dict[str, Any] = {
        "load_in_4bit": True,
        "bnb_4bit_quant_type": "nf4",
        "bnb_4bit_compute_dtype": dtype,
    }
    backend = "bitsandbytes_4bit" if quantise == "int4" else "bitsandbytes_8bit"
    return library("diffusers").PipelineQuantizationConfig(
        quant_backend=backend,
        quant_kwargs=four if quantise == "int4" else {"load_in_8bit": True},
        components_to_quantize=list(_LARGE),
    )


def _add(pipeline: Any, loras: Iterable[tuple[Path, bool]], *, fuse: bool) -> None:
    """Adds LoRAs, melted into the weights where these are not quantised: then nothing that follows has to know of them."""
    names: dict[str, list[str]] = {}
    for number, (path, second) in enumerate(loras):
        name = f"lora{number}"
        into = {"load_into_transformer_2": True} if second else {}
        pipeline.load_lora_weights(
            str(path.parent),
            weight_name=path.name,
            adapter_name=name,
            local_files_only=True,
            use_safetensors=True,
            **into,
        )
        names.setdefault(_DENOISERS[second], []).append(name)
    if fuse and names:
        for part, added in names.items():
            pipeline.fuse_lora(components=[part], adapter_names=added)
        pipeline.unload_lora_weights()


def _cast(pipeline: Any, dtype: Any) -> None:
    """Keeps weights as 8-bit floats, computed with as `dtype`."""
    storage = torch().float8_e4m3fn
    for part in _parts(pipeline, _DENOISERS):
        part.enable_layerwise_casting(storage_dtype=storage, compute_dtype=dtype)
    for part in _parts(pipeline, ("text_encoder",)):
        library("diffusers.hooks").apply_layerwise_casting(part, storage, dtype, skip_modules_pattern=_UNCAST)


def _hasten(part: Any, setup: Setup, model: Model) -> None:
    """Attention, cache and compilation of a denoiser.

    Raises:
        BadInput, EngineUnavailable: it does not work with this model, or here.
    """
    if setup.attention:
        try:
            part.set_attention_backend(setup.attention)
        except (ImportError, RuntimeError, ValueError) as error:
            raise EngineUnavailable(
                f"there is no attention {setup.attention} here: {str(error).splitlines()[0]}",
                hint="install its package, or leave attention at auto",
            ) from error
    if setup.cache != "none":
        diffusers = library("diffusers")
        config = (
            diffusers.FirstBlockCacheConfig(threshold=_CACHE_THRESHOLD)
            if setup.cache == "first-block"
            else diffusers.TaylorSeerCacheConfig(cache_interval=3, disable_cache_before_step=2)
        )
        try:
            part.enable_cache(config)
        except (AttributeError, ValueError) as error:
            raise BadInput(
                f"{model.title} can't use the cache {setup.cache}", hint="leave cache at auto"
            ) from error
    if setup.compiled:
        part.compile_repeated_blocks()


def place(pipeline: Any, setup: Setup, device: str) -> None:
    """Puts a pipeline onto the device that it computes on, or into main memory, from where its parts come when they are due."""
    module = torch()
    match setup.offload:
        case "none":
            pipeline.to(device)
        case "model":
            pipeline.enable_model_cpu_offload(device=device)
        case "leaf":
            streams = {"use_stream": True, "low_cpu_mem_usage": True} if device == "cuda" else {}
            pipeline.enable_group_offload(
                onload_device=module.device(device),
                offload_type="leaf_level",
                exclude_modules=_parts_of(pipeline, _SMALL),
                **streams,
            )


def _parts_of(pipeline: Any, names: Iterable[str]) -> list[str]:
    return [name for name in names if getattr(pipeline, name, None) is not None]


def release(pipeline: Any) -> None:
    """Takes from a pipeline that an exception left half-way what the last call left on the card."""
    with suppress(Exception):
        pipeline.maybe_free_model_hooks()


def _parts(pipeline: Any, names: Iterable[str]) -> list[Any]:
    return [getattr(pipeline, name) for name in _parts_of(pipeline, names)]
