"""Finding anything by its words: one folded row per record; substring and prefix, accents and case aside.

`index_thing` is called by actions in their transaction, `find` by the palette and the API.
"""

from baton.platform.search.actions import forget_thing, index_many, index_thing
from baton.platform.search.reads import find

__all__ = ["find", "forget_thing", "index_many", "index_thing"]
