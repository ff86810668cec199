"""What parts of addresses may be, where that is less than any text."""


class PublicId:
    """The opaque id of a paper or of a reading list; nothing else ever reaches the database."""

    regex = "[0-9A-HJKMNP-TV-Z]{16}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
