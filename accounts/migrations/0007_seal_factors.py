from collections.abc import Callable
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from accounts.sealing import SECRETS, seal, unseal


def _each_secret(apps: Apps, change: Callable[[str], str]) -> None:
    factors: Any = apps.get_model("mfa", "Authenticator")
    for factor in factors.objects.filter(type__in=SECRETS).iterator(chunk_size=500):
        name = SECRETS[factor.type]
        factor.data[name] = change(factor.data[name])
        factor.save(update_fields=["data"])


def seal_each(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _each_secret(apps, seal)


def unseal_each(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _each_secret(apps, unseal)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_profiles"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunPython(seal_each, unseal_each)]
