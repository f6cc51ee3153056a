"""The root of Baton's errors. A refusal carries a sentence for the person: what happened, what was kept, what to do."""


class Refusal(Exception):
    """Something was asked that cannot be done; nothing was changed. `str()` is the sentence to show."""


class OutsideFault(Exception):
    """Something outside failed. `permanent` says whether trying again can help."""

    permanent = False

    def __init__(self, sentence: str, *, permanent: bool = False) -> None:
        super().__init__(sentence)
        self.permanent = permanent
