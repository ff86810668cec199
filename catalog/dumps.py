"""The whole catalogue as files, laid down in a folder for each day: written once, never changed, until they are old.

A dump is made aside, of one state of the database, and given its name when it is whole: nobody sees a part of one. The same
catalogue gives the same bytes; when a dump was made is what its folder says, and nothing inside.
"""

import fcntl
import gzip
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from catalog import metadata
from catalog.export import Export, one_state
from catalog.filters import PaperFilter
from catalog.formats import FORMATS, Catalogue, Format, by_extension
from catalog.models import CatalogueState

SUMS, MANIFEST, LICENCE = "SHA256SUMS", "datapackage.json", "LICENSE.txt"
# Beyond this, gzip takes twice the time for a hundredth of the bytes.
_GZIP_LEVEL = 6
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}(?:-[1-9]\d*)?", re.ASCII)
_BEING_MADE = ".part-"


@dataclass(frozen=True, kw_only=True)
class File:
    """`sha256` is in hexadecimal digits. `format` is None for what is about the others."""

    path: Path
    sha256: str
    format: Format | None = None

    @property
    def name(self) -> str:
        return self.path.name

    @cached_property
    def size(self) -> int:
        return self.path.stat().st_size

    @property
    def is_packed(self) -> bool:
        return self.path.suffix == ".gz"

    @property
    def media_type(self) -> str:
        if self.is_packed:
            return "application/gzip"
        if self.format:
            return self.format.MEDIA_TYPE
        return "application/json" if self.name == MANIFEST else "text/plain"


class Dump:
    """One that is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name

    @cached_property
    def manifest(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads((self.folder / MANIFEST).read_bytes())
        return said

    @property
    def version(self) -> int:
        return int(self.manifest["version"])

    @cached_property
    def made_at(self) -> datetime:
        return datetime.fromtimestamp((self.folder / SUMS).stat().st_mtime, UTC)

    @cached_property
    def files(self) -> dict[str, File]:
        """By name, as the sums list them; and the sums."""
        sums = (self.folder / SUMS).read_bytes()
        found = [line.split("  ", 1) for line in sums.decode().splitlines()]
        named = {name: digest for digest, name in found} | {SUMS: sha256(sums).hexdigest()}
        return {name: File(path=self.folder / name, sha256=digest, format=_format_of(name)) for name, digest in named.items()}

    @property
    def pairs(self) -> list[tuple[Format, File, File]]:
        """Of each format its file, and the same in gzip."""
        found = [(format_, f"papers.{format_.EXTENSION}") for format_ in FORMATS]
        return [(format_, self.files[name], self.files[f"{name}.gz"]) for format_, name in found if name in self.files]


def dumps(folder: Path | None = None) -> list[Dump]:
    """Those that are there, the newest first."""
    folder = folder or settings.DUMPS_DIR
    found = [each for each in folder.iterdir() if _NAME.fullmatch(each.name)] if folder.is_dir() else []
    return [Dump(each) for each in sorted(found, key=lambda each: _in_time(each.name), reverse=True)]


def dump_named(name: str) -> Dump | None:
    folder: Path = settings.DUMPS_DIR / name
    return Dump(folder) if _NAME.fullmatch(name) and folder.is_dir() else None


def write(folder: Path, *, keep: int, progress: Callable[[str], None] = lambda name: None) -> Dump | None:
    """Write a dump of this day, and take away all but the newest `keep`; None where today's newest is of this version already.

    A second one of a day has `-2` behind the day. Who runs it while another does waits for that one. `progress` hears the
    name of each file before it is begun. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        for unfinished in folder.glob(f"{_BEING_MADE}*"):
            shutil.rmtree(unfinished)
        today = f"{timezone.now():%Y-%m-%d}"
        so_far = [dump for dump in dumps(folder) if dump.name.startswith(today)]
        with one_state():
            if so_far and so_far[0].version == CatalogueState.now().version:
                made = None
            else:
                made = folder / (f"{today}-{_in_time(so_far[0].name)[1] + 1}" if so_far else today)
                _make(made, progress)
        for old in dumps(folder)[keep:]:
            shutil.rmtree(old.folder)
    return Dump(made) if made else None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def _make(folder: Path, progress: Callable[[str], None]) -> None:
    """What fails leaves nothing behind."""
    aside = Path(tempfile.mkdtemp(prefix=_BEING_MADE, dir=folder.parent))
    try:
        aside.chmod(0o755)
        about = None
        for format_ in FORMATS:
            # One that comes in pages is for who follows, not for who takes everything.
            if not hasattr(format_, "PAGE_SIZE"):
                progress(f"papers.{format_.EXTENSION}")
                about = _write_papers(aside / f"papers.{format_.EXTENSION}", format_)
        assert about is not None  # noqa: S101 -- there are formats
        _write(aside / LICENCE, _licence())
        _write(aside / MANIFEST, json.dumps(_manifest(aside, about), indent=2, ensure_ascii=False) + "\n")
        _write(aside / SUMS, "".join(f"{_digest(path)}  {path.name}\n" for path in sorted(aside.iterdir())))
        aside.rename(folder)
    except BaseException:
        shutil.rmtree(aside)
        raise


def _write_papers(path: Path, format_: Format) -> Catalogue:
    """Every paper, newest first: the bytes of `/papers.<extension>`, and the same in gzip."""
    papers = PaperFilter(QueryDict())
    papers.is_valid()
    with (
        closing(Export.of(papers, format_)) as export,
        _settled(path) as plain,
        _settled(path.with_name(f"{path.name}.gz")) as file,
        gzip.GzipFile(filename="", mode="wb", compresslevel=_GZIP_LEVEL, fileobj=file, mtime=0) as packed,
    ):
        for piece in export:
            plain.write(piece)
            packed.write(piece)
        return export.about


def _write(path: Path, text: str) -> None:
    with _settled(path) as file:
        file.write(text.encode())


@contextmanager
def _settled(path: Path) -> Iterator[Any]:
    """A file that is on the disk, and not only on its way there, when the folder gets its name."""
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _licence() -> str:
    return (
        f"SPDX-License-Identifier: {settings.DATA_LICENSE}\n\n"
        f"The data of {settings.SITE_NAME} ({settings.SITE_URL}/) is yours under {settings.DATA_LICENSE}:\n"
        f"{metadata.license_url(settings.DATA_LICENSE)}\n\n"
        "Titles and abstracts belong to their authors.\n"
    )


def _manifest(folder: Path, about: Catalogue) -> dict[str, Any]:
    """A data package (Frictionless Data, version 1)."""
    return {
        "profile": "data-package",
        "name": "papers",
        "title": about.title,
        "homepage": f"{about.site}/",
        "version": str(about.version),
        "created": f"{about.updated_at:%Y-%m-%dT%H:%M:%SZ}" if about.updated_at else "1970-01-01T00:00:00Z",
        "count": about.count,
        "licenses": [{"name": about.license, "path": metadata.license_url(about.license)}],
        "resources": [_resource(path) for path in sorted(folder.glob("papers.*"))],
    }


def _resource(path: Path) -> dict[str, Any]:
    file = File(path=path, sha256=_digest(path), format=_format_of(path.name))
    return {
        "name": path.name.replace(".", "-"),
        "path": path.name,
        "format": path.name.split(".")[1],
        "mediatype": file.media_type,
        "encoding": "utf-8",
        **({"compression": "gz"} if file.is_packed else {}),
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _format_of(name: str) -> Format | None:
    stem, _dot, extension = name.removesuffix(".gz").rpartition(".")
    return by_extension(extension) if stem == "papers" else None


def _in_time(name: str) -> tuple[str, int]:
    """The day, and the how manieth of it."""
    return name[:10], int(name[11:] or 1)
