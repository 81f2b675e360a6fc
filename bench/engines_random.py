"""Pipelines of real size with random weights: what they make is noise, but it takes as long as a picture.

The sizes are those of the published models' configurations. Words are cut to what a tokenizer of 64 words knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import diffusers
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers

from forkframe.engines.diffusers.models import Model

_WORDS = {"<pad>": 0, "<eos>": 1, "<unk>": 2, **{f"word{n}": n for n in range(3, 64)}}


def random_pipeline(model: Model, device: str = "cuda") -> Any:
    """A pipeline of a model's class and size, on a device, in 16 bits; on `meta` only its shape."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device):
            pipeline = _MAKERS[model.pipeline]()
    finally:
        torch.set_default_dtype(before)
    for name in model.precise:
        getattr(pipeline, name).float()
    for part in pipeline.components.values():
        if isinstance(part, torch.nn.Module):
            part.eval().requires_grad_(False)
    for name in ("x_pad_token", "cap_pad_token"):  # Z-Image leaves these empty
        if (token := getattr(pipeline.transformer, name, None)) is not None:
            token.zero_()
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def parameters_of(pipeline: Any) -> dict[str, float]:
    """Billions of parameters of each part."""
    parts = {name: part for name, part in pipeline.components.items() if isinstance(part, torch.nn.Module)}
    return {name: sum(p.numel() for p in part.parameters()) / 1e9 for name, part in parts.items()}


def _tokenizer() -> Any:
    tokenizer = Tokenizer(models.WordLevel(_WORDS, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )
    fast.chat_template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    return fast


def _scheduler(kind: str, **config: Any) -> Any:
    """A scheduler, whose numbers lie in main memory and are exact, whatever the models' are."""
    dtype = torch.get_default_dtype()
    torch.set_default_dtype(torch.float32)
    try:
        with torch.device("cpu"):
            return getattr(diffusers, kind)(**config)
    finally:
        torch.set_default_dtype(dtype)


def _qwen_4b() -> Any:
    config = transformers.Qwen3Config(
        hidden_size=2560,
        intermediate_size=9728,
        num_hidden_layers=36,
        num_attention_heads=32,
        num_key_value_heads=8,
        head_dim=128,
        tie_word_embeddings=True,
    )
    return transformers.Qwen3ForCausalLM(config)


def _umt5_xxl() -> Any:
    config = transformers.UMT5Config(
        vocab_size=256384,
        d_model=4096,
        d_kv=64,
        d_ff=10240,
        num_layers=24,
        num_heads=64,
        feed_forward_proj="gated-gelu",
    )
    return transformers.UMT5EncoderModel(config)


def _klein() -> Any:
    transformer = diffusers.Flux2Transformer2DModel(
        num_layers=5,
        num_single_layers=20,
        num_attention_heads=24,
        attention_head_dim=128,
        joint_attention_dim=7680,
        guidance_embeds=False,
    )
    return diffusers.Flux2KleinPipeline(
        scheduler=_scheduler("FlowMatchEulerDiscreteScheduler"),
        vae=diffusers.AutoencoderKLFlux2(),
        text_encoder=_qwen_4b(),
        tokenizer=_tokenizer(),
        transformer=transformer,
        is_distilled=True,
    )


def _z_image() -> Any:
    vae = diffusers.AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(128, 256, 512, 512),
        layers_per_block=2,
        latent_channels=16,
        scaling_factor=0.3611,
        shift_factor=0.1159,
        use_quant_conv=False,
        use_post_quant_conv=False,
        sample_size=1024,
    )
    return diffusers.ZImageImg2ImgPipeline(
        scheduler=_scheduler("FlowMatchEulerDiscreteScheduler", shift=3.0),
        vae=vae,
        text_encoder=_qwen_4b(),
        tokenizer=_tokenizer(),
        transformer=diffusers.ZImageTransformer2DModel(),
    )


def _wan() -> Any:
    return diffusers.WanImageToVideoPipeline(
        tokenizer=_tokenizer(),
        text_encoder=_umt5_xxl(),
        vae=diffusers.AutoencoderKLWan(),
        scheduler=_scheduler(
            "UniPCMultistepScheduler", prediction_type="flow_prediction", use_flow_sigmas=True
        ),
        transformer=diffusers.WanTransformer3DModel(in_channels=36),
        transformer_2=diffusers.WanTransformer3DModel(in_channels=36),
        boundary_ratio=0.9,
    )


def _vace() -> Any:
    transformer = diffusers.WanVACETransformer3DModel(
        num_attention_heads=12, ffn_dim=8960, num_layers=30, vace_layers=list(range(0, 30, 2))
    )
    return diffusers.WanVACEPipeline(
        tokenizer=_tokenizer(),
        text_encoder=_umt5_xxl(),
        vae=diffusers.AutoencoderKLWan(),
        scheduler=_scheduler(
            "UniPCMultistepScheduler", prediction_type="flow_prediction", use_flow_sigmas=True
        ),
        transformer=transformer,
    )


_MAKERS: dict[str, Callable[[], Any]] = {
    "Flux2KleinPipeline": _klein,
    "ZImageImg2ImgPipeline": _z_image,
    "WanImageToVideoPipeline": _wan,
    "WanVACEPipeline": _vace,
}
