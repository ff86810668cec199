"""XML written as text: escaped, and without the characters that no XML can hold (XML 1.0, section 2.2)."""

import re

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})


def escaped(text: str) -> str:
    """For an element as well as for an attribute between double quotation marks."""
    return _NOT_XML.sub("", text).translate(_ESCAPES)


def text_element(name: str, text: str, /, **attributes: str) -> str:
    """An element that holds this text."""
    return element(name, escaped(text), **attributes)


def element(name: str, /, *content: str, **attributes: str) -> str:
    """An element that holds what is written already."""
    written = "".join(f' {attribute}="{escaped(value)}"' for attribute, value in attributes.items())
    inside = "".join(content)
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"
