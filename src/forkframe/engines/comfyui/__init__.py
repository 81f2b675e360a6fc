"""ComfyUI: workflows on a server of the user's own, driven over HTTP and a WebSocket. Nothing of it is part of Forkframe."""

from forkframe.engines.comfyui.family import ComfyUI
from forkframe.engines.comfyui.library import install_template, own_folder

__all__ = ["ComfyUI", "install_template", "own_folder"]
