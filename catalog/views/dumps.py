"""The dated dumps: what there is, and the files, whole or in ranges (RFC 9110, sections 13 and 14)."""

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, http_date, parse_http_date_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import answers, dumps, encodings, metadata
from catalog.dumps import Dump, File
from catalog.serving import for_everybody

# The server hands a block on while the next is read; larger ones fall out of the processor's cache on the way.
BLOCK = 256 * 1024
FOR_EVER = "public, max-age=31536000, immutable"
_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


@require_safe
@for_everybody
def dump_list(request: HttpRequest) -> HttpResponse:
    found = dumps.dumps()
    context = {
        "dumps": found,
        "about_files": (dumps.SUMS, dumps.MANIFEST, dumps.LICENCE),
        "dataset": _dataset(found[0]) if found else None,
        "license_url": metadata.license_url(settings.DATA_LICENSE),
    }
    return render(request, "catalog/dump_list.html", context)


def _dataset(dump: Dump) -> dict[str, object]:
    """In the words of schema.org."""
    files = [
        {
            "@type": "DataDownload",
            "name": file.name,
            "contentUrl": settings.SITE_URL + reverse("catalog:dump-file", args=[dump.name, file.name]),
            "encodingFormat": file.media_type,
            "contentSize": f"{file.size} B",
            "sha256": file.sha256,
        }
        for file in dump.files.values()
        if file.format
    ]
    return metadata.dataset(
        settings.SITE_URL,
        settings.SITE_NAME,
        license_=metadata.license_url(settings.DATA_LICENSE),
        version=dump.version,
        updated_at=dump.manifest["created"],
        files=files,
    )


@require_safe
def dump_detail(request: HttpRequest, name: str) -> HttpResponse:
    """They are all on one page."""
    dump = _dump(name)
    return redirect(f"{reverse('catalog:dump-list')}#{dump.name}")


@answers.for_programs
def dump_file(request: HttpRequest, name: str, file_name: str) -> HttpResponseBase:
    """A file of a dump, which never changes. Where gzip is taken and no range is asked for, the plain file comes in gzip."""
    dump = _dump(name)
    file = dump.files.get(file_name)
    if file is None:
        raise Http404
    if name == "latest":
        newest = redirect("catalog:dump-file", dump.name, file_name)
        return answers.open_to_all(newest)
    packed = None if "Range" in request.headers else dump.files.get(f"{file_name}.gz")
    accepted = encodings.wanted(request.headers.get("Accept-Encoding", ""), offered=[encodings.GZIP])
    is_packed = packed is not None and accepted == encodings.GZIP
    sent = packed if packed and is_packed else file
    try:
        opened = sent.path.open("rb", buffering=0)
    except FileNotFoundError as error:
        raise Http404 from error
    try:
        return _sent(request, opened, sent, as_=file, dump=dump)
    except BaseException:
        opened.close()
        raise


def _dump(name: str) -> Dump:
    found = next(iter(dumps.dumps()), None) if name == "latest" else dumps.dump_named(name)
    if found is None:
        raise Http404
    return found


def _sent(request: HttpRequest, opened: BinaryIO, file: File, *, as_: File, dump: Dump) -> HttpResponseBase:
    """`file` is what is sent, `as_` what was asked for: the same, or packed."""
    modified_at, etag = int(dump.made_at.timestamp()), f'"{file.sha256[:32]}"'
    charset = "" if as_.media_type in {"application/gzip", "application/json"} else "; charset=utf-8"
    response = StreamingHttpResponse([], content_type=as_.media_type + charset)
    response["ETag"] = etag
    response["Last-Modified"] = http_date(modified_at)
    response["Repr-Digest"] = f"sha-256=:{b64encode(bytes.fromhex(file.sha256)).decode()}:"
    response["Accept-Ranges"] = "bytes"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=f"{dump.name}-{as_.name}") or "attachment"
    if file is not as_:
        response["Content-Encoding"] = encodings.GZIP
    # Django says less than it takes: a stream is as good as any response.
    answer: HttpResponseBase = get_conditional_response(request, etag, modified_at, answers.open_to_all(response))  # type: ignore[arg-type, assignment]
    answers.open_to_all(answer)["Cache-Control"] = FOR_EVER
    if answer is not response:
        opened.close()
        return answer
    start, length = 0, file.size
    if request.method == "GET" and (wanted := _range(request, file.size, etag=etag, modified_at=modified_at)) is not None:
        start, length = wanted
        if not length:
            raise answers.Problem(416, _("There are not as many bytes."), headers={"Content-Range": f"bytes */{file.size}"})
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{start + length - 1}/{file.size}"
    response["Content-Length"] = str(length)
    if request.method == "GET":
        opened.seek(start)
        response.streaming_content = Blocks(opened, length, taking=answers.place_of_a_download())
    else:
        opened.close()
    return response


def _range(request: HttpRequest, size: int, *, etag: str, modified_at: int) -> tuple[int, int] | None:
    """Where a range begins and how long it is; of length 0 where there is nothing; None where the whole is to be sent.

    Several ranges at once are passed over, as anybody may, and so is what is no range at all.
    """
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None or not any(match.groups()):
        return None
    known = request.headers.get("If-Range", etag)
    if known != etag and parse_http_date_safe(known) != modified_at:
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        return size - length, length
    if last and int(last) < int(first):
        return None
    end = min(int(last) + 1, size) if last else size
    return int(first), max(0, end - int(first))


class Blocks:
    """So many bytes of a file from where it stands. Its end closes the file, and so does closing it, whatever was read."""

    def __init__(self, file: BinaryIO, length: int, *, taking: ExitStack) -> None:
        self.file, self.left, self._taken = file, length, taking

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        # A file that is shorter than it said ends early: the client sees that bytes are missing.
        block = self.file.read(min(BLOCK, self.left)) if self.left else b""
        if not block:
            self.left = 0
            self.close()
            raise StopIteration
        self.left -= len(block)
        return block

    def close(self) -> None:
        self.file.close()
        self._taken.close()
