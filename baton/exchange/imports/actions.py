"""The verbs of imports: begin, preview, run; undo has a file of its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from baton.exchange.imports import mapping as mappings
from baton.exchange.imports.cells import BadCell
from baton.exchange.imports.errors import AlreadyUnderWay, BadMapping
from baton.exchange.imports.loaders import LOADERS
from baton.exchange.imports.loaders.base import CREATED, REFUSED, SKIPPED, UPDATED, Batch, Outcome
from baton.exchange.imports.mapping import Mapping
from baton.exchange.imports.models import ImportChange, ImportRun, RefusedRow
from baton.exchange.imports.reading import Table, count_rows, rows, sniff
from baton.exchange.imports.undoing import undo
from baton.platform import jobs, journal
from baton.platform.accounts.models import User
from baton.platform.bulk import insert_rows, moment
from baton.platform.db import write_turn
from baton.platform.errors import Refusal
from baton.platform.files.actions import file_path
from baton.platform.files.models import StoredFile
from baton.platform.jobs.models import Job
from baton.platform.pieces import in_pieces

__all__ = ["begin", "carry_out", "preview", "run_job", "settle_mapping", "settled", "start", "undo"]

BATCH_ROWS = 2000
SAMPLE_ROWS = 2000
PREVIEW_ROWS = 200
REFUSALS_KEPT = 100_000

Say = Callable[[ImportRun], None]
Rows = list[tuple[int, dict[str, str]]]
# What a database says of a value too large, too long or doubled.
UNHOLDABLE = (IntegrityError, DataError, OverflowError, ValueError)


def begin(noun: str, file: StoredFile, *, actor: User | None) -> ImportRun:
    """A draft with a proposed mapping; nothing is imported yet. Raises BadFile, BadMapping."""
    if noun not in LOADERS:
        raise BadMapping(_("Import as one of: %(nouns)s.") % {"nouns": ", ".join(LOADERS)})
    table = sniff(file_path(file.sha256))
    proposed = mappings.propose(noun, table.header, source=Path(file.name).stem[:60])
    return ImportRun.objects.create(noun=noun, file=file, mapping=proposed.as_json(), actor=actor)


def settle_mapping(run: ImportRun, mapping: Mapping, *, dates: str = "") -> Mapping:
    """Check the mapping against the file and keep it, every date column with its order. Raises as `settled` does."""
    found = settled(run, mapping, dates=dates)
    run.mapping = found.as_json()
    run.save(update_fields=["mapping"])
    return found


def settled(run: ImportRun, mapping: Mapping, *, dates: str = "") -> Mapping:
    """The mapping checked against the file, every date column with its order; nothing is kept.

    Raises BadMapping, and DatesUnclear where someone has to say whether day or month comes first.
    """
    path, table = _file(run)
    mappings.must_fit(mapping, table.header)
    sample = [row for _number, row in islice(rows(path, table), SAMPLE_ROWS)]
    return mappings.with_orders(mapping, sample, dates)


def preview(run: ImportRun, mapping: Mapping) -> tuple[Counter[str], list[tuple[Outcome, dict[str, str]]]]:
    """What would become of the first rows: counts by kind, and each row with its outcome. Changes nothing."""
    path, table = _file(run)
    batch = list(islice(rows(path, table), PREVIEW_ROWS))
    outcomes = _load(mapping, batch, actor=run.actor, now=timezone.now(), dry=True)[0]
    cells = dict(batch)
    return Counter(outcome.kind for outcome in outcomes), [(outcome, cells[outcome.number]) for outcome in outcomes]


def rehearse(run: ImportRun, mapping: Mapping) -> tuple[Counter[str], Counter[str]]:
    """What would become of every row: counts by kind, and refusals by reason. Changes nothing. Raises BadFile."""
    path, table = _file(run)
    kinds: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for batch in _batches(rows(path, table)):
        outcomes = _load(mapping, batch, actor=run.actor, now=timezone.now(), dry=True)[0]
        kinds.update(outcome.kind for outcome in outcomes)
        reasons.update(outcome.reason for outcome in outcomes if outcome.kind == REFUSED)
    return kinds, reasons


def start(run: ImportRun, *, actor: User) -> None:
    """Have a draft imported by a worker."""
    with transaction.atomic():
        started = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.DRAFT).update(state=ImportRun.State.QUEUED)
        if started:
            jobs.enqueue("import.run", key=f"import:{run.pk}", run_id=run.pk)


def run_job(job: Job, *, run_id: int) -> None:
    """Job: import, from where a killed worker stopped."""
    run = ImportRun.objects.get(pk=run_id)
    try:
        carry_out(run, say=lambda _run: jobs.heartbeat(job))
    except AlreadyUnderWay:
        return
    except Refusal as refusal:
        ImportRun.objects.filter(pk=run_id).update(
            state=ImportRun.State.FAILED, error=str(refusal)[:500], ended_at=timezone.now()
        )


def carry_out(run: ImportRun, *, say: Say = lambda run: None) -> ImportRun:
    """Import every row that is not done yet; each batch is one transaction with its counts. `say` hears progress.

    Raises BadFile before the first row where the file cannot be read to its end, AlreadyUnderWay where another process
    is at the same run.
    """
    path, table = _file(run)
    mapping = mappings.from_json(run.mapping)
    run.rows_total = run.rows_total or count_rows(path, table)
    run.state = ImportRun.State.RUNNING
    run.save(update_fields=["rows_total", "state"])
    for batch in _batches(islice(rows(path, table), run.rows_done, None)):
        with write_turn(), transaction.atomic():
            _carry_out_batch(run, mapping, batch)
        say(run)
    _finish(run, mapping, rows(path, table))
    with write_turn(), transaction.atomic():
        run.state, run.ended_at = ImportRun.State.DONE, timezone.now()
        run.save(update_fields=["state", "ended_at"])
        counts = {"created": run.created, "updated": run.updated, "skipped": run.skipped, "refused": run.refused}
        journal.record("import.done", run, actor=run.actor, noun=run.noun, file=run.file.name, **counts)
    return run


def _carry_out_batch(run: ImportRun, mapping: Mapping, batch: Rows) -> None:
    now = timezone.now()
    outcomes, loaded = _load_safely(mapping, batch, actor=run.actor, now=now)
    cells = dict(batch)
    _keep_changes(run, loaded, outcomes)
    refused = [outcome for outcome in outcomes if outcome.kind == REFUSED]
    if run.refused < REFUSALS_KEPT:
        RefusedRow.objects.bulk_create(
            [
                RefusedRow(run=run, number=one.number, cells=cells[one.number], reason=one.reason[:300])
                for one in refused
            ],
            batch_size=500,
        )
    for outcome in outcomes:
        setattr(run, outcome.kind, getattr(run, outcome.kind) + 1)
    counts = {kind: getattr(run, kind) for kind in (CREATED, UPDATED, SKIPPED, REFUSED)}
    still_ours = ImportRun.objects.filter(pk=run.pk, rows_done=run.rows_done)
    if not still_ours.update(rows_done=run.rows_done + len(batch), **counts):
        raise AlreadyUnderWay(_("Another process is carrying out this import."))
    run.rows_done += len(batch)


def _keep_changes(run: ImportRun, loaded: list[Batch], outcomes: list[Outcome]) -> None:
    """What undo needs. What rows made beside themselves comes first: undo goes backwards, to it last."""
    changed_at = moment(timezone.now())
    made: list[tuple[Any, dict[str, Any] | None]] = [(thing, None) for batch in loaded for thing in batch.also_made]
    made += [change for batch in loaded for change in batch.also_changed]
    made += [(one.thing, one.before) for one in outcomes if one.thing is not None and one.kind in (CREATED, UPDATED)]
    insert_rows(
        ImportChange,
        ["run", "model", "object_id", "before", "changed_at"],
        ((run.pk, thing._meta.label_lower, thing.pk, _as_json(before), changed_at) for thing, before in made),
    )


def _as_json(before: dict[str, Any] | None) -> str | None:
    return json.dumps(journal.actions.plain(before)) if before else None


def _finish(run: ImportRun, mapping: Mapping, source: Iterator[tuple[int, dict[str, str]]]) -> None:
    """Give the loader all rows once more where it has something to set only at the end."""
    loader = LOADERS[mapping.noun]
    if loader.finish is None or not loader.last_fields & {column.to for column in mapping.columns}:
        return
    for rows_ in _batches(source):
        batch = Batch(_read(mapping, rows_)[0], mapping.source, run.actor, timezone.now())
        with write_turn(), transaction.atomic():
            loader.finish(batch)
            _keep_changes(run, [batch], [])


def _load_safely(
    mapping: Mapping, batch: Rows, *, actor: User | None, now: datetime
) -> tuple[list[Outcome], list[Batch]]:
    """Load a batch; where the database cannot hold it, row by row, refusing the row that is to blame."""
    try:
        with transaction.atomic():
            outcomes, loaded = _load(mapping, batch, actor=actor, now=now, dry=False)
            return outcomes, [loaded]
    except UNHOLDABLE:
        outcomes, batches = [], []
    for number, row in batch:
        try:
            with transaction.atomic():
                found, loaded = _load(mapping, [(number, row)], actor=actor, now=now, dry=False)
            outcomes += found
            batches.append(loaded)
        except UNHOLDABLE as error:
            reason = _("The database cannot hold this row: %(why)s") % {"why": str(error).splitlines()[0]}
            outcomes.append(Outcome(number, REFUSED, reason=reason))
    return outcomes, batches


def _load(
    mapping: Mapping, batch: Rows, *, actor: User | None, now: datetime, dry: bool
) -> tuple[list[Outcome], Batch]:
    """Outcomes in the order of the file. Rows whose cells cannot be read are refused without reaching the loader."""
    good, outcomes = _read(mapping, batch)
    loading = Batch(good, mapping.source, actor, now, dry=dry)
    outcomes += LOADERS[mapping.noun].load(loading)
    return sorted(outcomes, key=lambda outcome: outcome.number), loading


def _read(mapping: Mapping, batch: Rows) -> tuple[list[tuple[int, dict[str, Any]]], list[Outcome]]:
    """Values of the rows that can be read, and a refusal for each that cannot."""
    good: list[tuple[int, dict[str, Any]]] = []
    outcomes: list[Outcome] = []
    for number, row in batch:
        if "" in row:
            outcomes.append(
                Outcome(
                    number,
                    REFUSED,
                    reason=_("The row has more cells than the header, or is no JSON: is a quote missing?"),
                )
            )
            continue
        try:
            values = mapping.read(row)
        except BadCell as error:
            outcomes.append(Outcome(number, REFUSED, reason=str(error)))
            continue
        if not values.get("external_id"):
            content = "\x1f".join(row.values()).encode("utf-8", "surrogatepass")
            values["row_id"] = "row:" + blake2b(content, digest_size=16).hexdigest()
        good.append((number, values))
    return good, outcomes


def _file(run: ImportRun) -> tuple[Path, Table]:
    path = file_path(run.file.sha256)
    return path, sniff(path)


def _batches(source: Iterator[tuple[int, dict[str, str]]]) -> Iterator[Rows]:
    return in_pieces(source, BATCH_ROWS)
