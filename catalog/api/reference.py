"""The API as people read it: the OpenAPI document, arranged for a page. What it says, the document says."""

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.api import schema

GROUPS = {
    "papers": gettext_lazy("Papers"),
    "export": gettext_lazy("Whole selections"),
    "changes": gettext_lazy("Keeping a copy"),
    "categories": gettext_lazy("Categories"),
    "venues": gettext_lazy("Venues"),
    "organizations": gettext_lazy("Organizations"),
    "authors": gettext_lazy("Authors"),
    "lookup": gettext_lazy("Looking things up"),
    "submissions": gettext_lazy("Submissions"),
    "queue": gettext_lazy("The review queue"),
    "": gettext_lazy("The index"),
}
_REF = "#/components/schemas/"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a value is, in words around the name of a structure, if it is or holds one."""

    before: str = ""
    structure: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True)
class Field:
    name: str
    kind: Kind
    description: str = ""
    is_required: bool = False
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: str
    description: str
    structure: str


@dataclass(frozen=True, kw_only=True)
class Operation:
    """`example` is a command line that can be sent as it is; `address` is its address where opening it is enough."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    scopes: tuple[str, ...]
    parameters: tuple[Field, ...]
    body: str
    answers: tuple[Answer, ...]
    refusals: tuple[Answer, ...]
    example: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Structure:
    name: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True)
class Reference:
    title: str
    groups: dict[str, tuple[Operation, ...]]
    structures: tuple[Structure, ...]


@cache
def reference() -> Reference:
    document = json.loads(schema.openapi())
    found: dict[str, list[Operation]] = {name: [] for name in GROUPS}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            found[path.split("/")[3]].append(_operation(method.upper(), path, operation))
    return Reference(
        title=document["info"]["title"],
        groups={str(GROUPS[name]): tuple(operations) for name, operations in found.items()},
        structures=tuple(_structure(name, part) for name, part in document["components"]["schemas"].items()),
    )


def _operation(method: str, path: str, said: Mapping[str, Any]) -> Operation:
    parameters = said.get("parameters", ())
    body = next(iter(said["requestBody"]["content"].values())) if "requestBody" in said else {}
    answers = [_answer(status, response) for status, response in said["responses"].items()]
    scopes = tuple(scope for way in said.get("security", ()) for scope in way.get("token", ()))
    address = _address(path, parameters)
    summary, description = said["summary"], said["description"]
    return Operation(
        name=said["operationId"],
        method=method,
        path=path,
        summary=summary,
        description="" if description.rstrip(".") == summary else description,
        scopes=scopes,
        parameters=tuple(_field(each["name"], each["schema"], each.get("description"), each) for each in parameters),
        body=_kind(body["schema"]).structure if body else "",
        answers=tuple(each for each in answers if each.status < "300"),
        refusals=tuple(each for each in answers if each.status >= "300"),
        example=_command(method, address, parameters, body.get("example"), needs_token=bool(scopes)),
        address=address if method == "GET" and not scopes else "",
    )


def _answer(status: str, said: Mapping[str, Any]) -> Answer:
    content = next(iter(said["content"].values())) if "content" in said else {}
    of = content.get("schema", {})
    return Answer(status=status, description=said["description"], structure=_kind(of).structure)


def _address(path: str, parameters: Iterable[Mapping[str, Any]]) -> str:
    """Of the example, without the host."""
    given = {(each["in"], each["name"]): each["example"] for each in parameters if "example" in each}
    for (place, name), value in given.items():
        if place == "path":
            path = path.replace(f"{{{name}}}", quote(str(value)))
    query = urlencode({name: value for (place, name), value in given.items() if place == "query"}, doseq=True, safe="/:")
    return f"{path}?{query}" if query else path


def _command(method: str, address: str, parameters: Iterable[Mapping[str, Any]], body: Any, *, needs_token: bool) -> str:
    """For a POSIX shell, where `TOKEN` is set."""
    parts = ["curl" if method == "GET" else f"curl -X {method}"]
    if needs_token:
        parts.append('-H "Authorization: Bearer $TOKEN"')
    headers = [f"{each['name']}: {each['example']}" for each in parameters if each["in"] == "header" and "example" in each]
    headers += ["Content-Type: application/json"] if body is not None else []
    parts += [f"-H {shlex.quote(header)}" for header in headers]
    parts.append(shlex.quote(settings.SITE_URL + address))
    if body is not None:
        parts.append(f"-d {shlex.quote(json.dumps(body, ensure_ascii=False, indent=1))}")
    return (" " if len(parts) == 2 else " \\\n  ").join(parts)


def _structure(name: str, said: Mapping[str, Any]) -> Structure:
    needed = said.get("required", ())
    fields = (_field(field, about, about.get("description"), {"required": field in needed}) for field, about in said["properties"].items())
    return Structure(name=name, description=said.get("description", ""), fields=tuple(fields))


def _field(name: str, of: Mapping[str, Any], description: str | None, said: Mapping[str, Any]) -> Field:
    return Field(name=name, kind=_kind(of), description=description or "", is_required=bool(said.get("required")), place=said.get("in", ""))


def _kind(of: Mapping[str, Any]) -> Kind:
    if "$ref" in of:
        return Kind(structure=of["$ref"].removeprefix(_REF))
    if either := of.get("anyOf") or of.get("oneOf"):
        return _joined([_kind(each) for each in either])
    if "enum" in of:
        return Kind(before=_("one of %(values)s") % {"values": ", ".join(map(str, of["enum"]))})
    kind = of.get("type", "")
    if isinstance(kind, list):
        return _joined([_kind({**of, "type": each}) for each in kind])
    if kind == "array":
        items = _kind(of.get("items", {}))
        return Kind(before=_("list: %(of)s") % {"of": items.before}, structure=items.structure, after=items.after)
    return Kind(before=" ".join(filter(None, [kind, *_bounds(of, kind)])))


def _joined(kinds: list[Kind]) -> Kind:
    """One of several, of which at most one is a structure."""
    named = next((each for each in kinds if each.structure), Kind())
    others = _(" or ").join(each.before for each in kinds if each != named)
    return Kind(before=named.before, structure=named.structure, after=_(" or ") + others) if named.structure else Kind(before=others)


def _bounds(of: Mapping[str, Any], kind: str) -> Iterator[str]:
    if kind == "null":
        return
    if "format" in of:
        yield f"({of['format']})"
    low, high = of.get("minimum"), of.get("maximum")
    if low is not None and high is not None:
        yield _("from %(low)d to %(high)d") % {"low": low, "high": high}
    if "maxLength" in of:
        yield _("of at most %(count)d characters") % {"count": of["maxLength"]}
    if "default" in of:
        yield _("(%(value)s unless given)") % {"value": json.dumps(of["default"])}
