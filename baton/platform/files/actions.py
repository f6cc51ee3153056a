"""Storing and opening files."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from baton.platform.accounts.models import User
from baton.platform.files.models import StoredFile


def store_file(chunks: Iterable[bytes], *, name: str, content_type: str, actor: User | None) -> StoredFile:
    """Keep bytes on disk, durable before the row exists, and return their row. Streams: memory is one chunk."""
    digest, size = hashlib.sha256(), 0
    folder = settings.BATON_HOME / "files"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    target = file_path(digest.hexdigest())
    target.parent.mkdir(exist_ok=True)
    os.replace(file.name, target)
    return StoredFile.objects.create(
        sha256=digest.hexdigest(), name=name[:255], content_type=content_type, size_bytes=size, created_by=actor
    )


def open_file(stored: StoredFile) -> BinaryIO:
    """The bytes, for reading. Raises FileNotFoundError when the folder was lost."""
    return file_path(stored.sha256).open("rb")


def file_path(sha256: str) -> Path:
    return settings.BATON_HOME / "files" / sha256[:2] / sha256
