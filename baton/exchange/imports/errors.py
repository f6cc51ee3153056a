"""What can be wrong with an import."""

from baton.platform.errors import Refusal


class BadFile(Refusal):
    """The file cannot be read as a table; nothing was imported."""


class BadMapping(Refusal):
    """The mapping does not fit the file or names what is not there; nothing was imported."""


class DatesUnclear(Refusal):
    """Dates could be day or month first; nothing was imported until someone says which."""


class AlreadyUnderWay(Refusal):
    """Another process is at the same import; this one stopped, nothing was done twice."""


class BadCell(ValueError):
    """One cell cannot be read as what it should be; its row is refused with this sentence."""
