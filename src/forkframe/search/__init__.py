"""Search: what lies near what. Descriptors in, places out; knows no workspace."""

from forkframe.search.descriptors import COMPOSITION_BLOCKS, STYLE_BLOCKS, equalised
from forkframe.search.map import CARD_WIDTH, map_places

__all__ = ["CARD_WIDTH", "COMPOSITION_BLOCKS", "STYLE_BLOCKS", "equalised", "map_places"]
