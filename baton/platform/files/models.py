"""The files' table: one row is one named use of stored bytes."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from baton.platform.tokens import new_token


class StoredFile(models.Model):
    """Bytes live at BATON_HOME/files/<first two>/<sha256>; they are never changed once written."""

    token = models.CharField(max_length=32, unique=True, default=new_token)
    sha256 = models.CharField(max_length=64, db_index=True)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    size_bytes = models.BigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return self.name
