"""The mapping: which column becomes which field, and how its cells are read. A TOML file, or the browser's form."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from baton.exchange.imports import cells
from baton.exchange.imports.errors import BadMapping, DatesUnclear
from baton.exchange.imports.loaders import LOADERS
from baton.platform.search.folding import fold

# Header words of other systems, folded, by field; German, French, Spanish and Italian beside English.
SYNONYMS: dict[str, str] = {
    "email": "email e-mail mail emailaddress courriel correo emailadresse",
    "first_name": "firstname givenname vorname prenom nombre nome",
    "last_name": "lastname surname familyname nachname nom apellido apellidos cognome",
    "name": "name fullname companyname firma firmenname accountname account company organisation organization product "
    "event eventname eventtype",
    "company": "company companyname account accountname firma unternehmen societe empresa azienda organisation",
    "phone": "phone telephone phonenumber mobile telefon tel handy telefono",
    "job_title": "jobtitle title position funktion titre cargo",
    "city": "city town stadt ort ville ciudad citta",
    "country": "country countrycode land pays pais paese",
    "industry": "industry sector branche secteur",
    "employees": "employees headcount mitarbeiter employes empleados",
    "domain": "domain website url webseite siteweb",
    "source": "source leadsource origin quelle herkunft channel utmsource sessionsource",
    "external_id": "id externalid recordid contactid companyid dealid opportunityid leadid eventid messageid uuid",
    "owner": "owner ownername salesagent besitzer rep accountowner",
    "stage": "stage dealstage phase etape",
    "amount": "amount value dealvalue closevalue betrag montant importe",
    "price": "price salesprice unitprice preis prix precio",
    "code": "code sku productcode artikelnummer",
    "family": "family series category kategorie",
    "closed_at": "closedate closedat wondate abschlussdatum",
    "opened_at": "opendate createdate engagedate firstcontactdate eroffnet",
    "topic": "topic list listname newsletter thema liste abonnement",
    "state": "state status",
    "told_at": "toldat optintime optinat optindate confirmtime consentdate consentedat subscribedat datum",
    "basis": "basis legalbasis lawfulbasis rechtsgrundlage",
    "how": "how form formular consentsource",
    "ip": "ip ipaddress optinip confirmip",
    "happened_at": "timestamp eventtimestamp eventtime datetime time date occurredat servertime createdat at",
    "visitor": "visitorid clientid userpseudoid idvisitor deviceid anonymousid distinctid sessionid",
    "url": "pageurl pagelocation page currenturl actionurl",
    "host": "hostname pagehost",
    "path": "pathname pagepath urlpath",
    "referrer": "referer pagereferrer refererurl referrerurl",
    "medium": "utmmedium sessionmedium",
    "campaign": "utmcampaign campaignname sessioncampaign",
    "content": "utmcontent",
    "term": "utmterm",
    "device": "devicecategory devicetype",
    "browser": "browsername",
    "system": "os operatingsystem",
    "language": "browserlanguage",
    "value": "eventvalue revenue eventrevenue purchaserevenue",
    "props": "properties eventproperties eventparams",
    "created_at": "createdat created datecreated erstellt",
}


@dataclass(frozen=True)
class Column:
    """One column: where its cells go (`to`), their `order` where they are dates, what `values` are called here, by
    which number to multiply (`times`) and which mark stands before the decimals ("," or "."; empty: found out).
    """

    name: str
    to: str
    order: str = ""
    values: dict[str, str] = field(default_factory=dict)
    times: str = ""
    decimal: str = ""

    def read(self, cell: str, kind: str) -> Any:
        """The cell's value, None where it is empty. Raises BadCell."""
        cell = self.values.get(cell, cell)
        if cell == "":
            return None
        if kind == "text":
            return cell
        if kind == "moment":
            return cells.read_moment(cell, self.order or cells.YEAR_FIRST)
        if kind == "day":
            return cells.read_day(cell, self.order or cells.YEAR_FIRST)
        if kind == "decimal":
            return cells.read_decimal(cell, self.decimal) * Decimal(self.times or 1)
        if kind == "whole":
            return cells.read_whole(cell, self.decimal) * int(self.times or 1)
        return cells.read_flag(cell)


@dataclass(frozen=True)
class Mapping:
    """All columns, what stands for every row (`constants`), and the name of the source of external ids."""

    noun: str
    columns: list[Column]
    constants: dict[str, str] = field(default_factory=dict)
    source: str = "file"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def read(self, row: dict[str, str]) -> dict[str, Any]:
        """Values by field of one row. Raises BadCell naming the column."""
        kinds = LOADERS[self.noun].fields
        values: dict[str, Any] = dict(self.constants)
        for column in self.columns:
            try:
                values[column.to] = column.read(row.get(column.name, ""), kinds[column.to])
            except cells.BadCell as error:
                raise cells.BadCell(f"{column.name}: {error}") from None
        return values

    @property
    def date_columns(self) -> list[Column]:
        kinds = LOADERS[self.noun].fields
        return [column for column in self.columns if kinds[column.to] in ("moment", "day")]


def from_json(kept: dict[str, Any]) -> Mapping:
    """A mapping as kept on an import. Raises BadMapping for fields that are not there."""
    columns = [Column(**column) for column in kept["columns"]]
    return _checked(Mapping(kept["noun"], columns, kept.get("constants", {}), kept.get("source", "file")))


def from_toml(path: Path, noun: str) -> Mapping:
    """A mapping file. Raises BadMapping with the place of what is wrong."""
    try:
        kept = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadMapping(_("%(path)s cannot be read as a mapping: %(why)s") % {"path": path, "why": error}) from None
    columns = []
    for name, told in kept.get("columns", {}).items():
        told = {"to": told} if isinstance(told, str) else dict(told)
        unknown = set(told) - {"to", "order", "values", "times", "decimal"}
        if unknown or "to" not in told:
            raise BadMapping(_("Column %(name)s: write to, order, values, times or decimal.") % {"name": name})
        columns.append(Column(name=name, **{key: _texts(value) for key, value in told.items()}))
    constants = {key: str(value) for key, value in kept.get("constants", {}).items()}
    return _checked(Mapping(noun, columns, constants, kept.get("source", path.stem)))


def propose(noun: str, header: list[str], *, source: str = "") -> Mapping:
    """A mapping by the names of the columns; columns that nothing is known of are left out.

    `source` keeps the ids of one file apart from another's: two systems both begin to count at 1.
    """
    fields = LOADERS[noun].fields
    taken: set[str] = set()
    columns = []
    for name in header:
        bare = re.sub(r"[^a-z0-9]", "", fold(name))
        fits = [to for to in fields if bare == to.replace("_", "") or bare in SYNONYMS.get(to, "").split()]
        found = next((to for to in fits if to not in taken), None)
        if found:
            taken.add(found)
            columns.append(Column(name=name, to=found))
    return Mapping(noun, columns, source=source or "file")


def with_orders(mapping: Mapping, samples: list[dict[str, str]], answer: str = "") -> Mapping:
    """The mapping with each date column's order: as it says, as its cells tell, or as `answer` says.

    Raises DatesUnclear when none of them does.
    """
    columns = []
    for column in mapping.columns:
        if column in mapping.date_columns and not column.order:
            found = answer or cells.order_of(row.get(column.name, "") for row in samples)
            if found is None and any(row.get(column.name) for row in samples):
                raise DatesUnclear(
                    _("Dates in %(column)s could be day or month first. Say which: --dates day-first or month-first.")
                    % {"column": column.name}
                )
            column = replace(column, order=found or cells.YEAR_FIRST)
        columns.append(column)
    return Mapping(mapping.noun, columns, mapping.constants, mapping.source)


def must_fit(mapping: Mapping, header: list[str]) -> None:
    """Raises BadMapping when the mapping names columns the file lacks, or maps nothing at all."""
    missing = [column.name for column in mapping.columns if column.name not in header]
    if missing:
        raise BadMapping(
            _("The file has no column %(missing)s. It has: %(header)s.")
            % {"missing": ", ".join(missing), "header": ", ".join(header)}
        )
    if not mapping.columns:
        raise BadMapping(_("No column is mapped to a field. Say which columns hold what."))


def _checked(mapping: Mapping) -> Mapping:
    if mapping.noun not in LOADERS:
        raise BadMapping(_("Import as one of: %(nouns)s.") % {"nouns": ", ".join(LOADERS)})
    fields = LOADERS[mapping.noun].fields
    wrong = [to for to in [*(column.to for column in mapping.columns), *mapping.constants] if to not in fields]
    if wrong:
        raise BadMapping(
            _("%(noun)s have no field %(wrong)s. They have: %(fields)s.")
            % {"noun": mapping.noun, "wrong": wrong[0], "fields": ", ".join(fields)}
        )
    return mapping


def _texts(value: Any) -> Any:
    return {str(key): str(one) for key, one in value.items()} if isinstance(value, dict) else str(value)
