"""What this room holds of one person, as plain data for them to take along."""

from typing import Any

from accounts.models import User
from catalog.models import Reading, ReadingList
from catalog.reading.standing import Today


def data_of(person: User) -> dict[str, Any]:
    """Everything: what they read with their notes, and their lists in their order, also what is no longer in the catalogue."""
    readings = list(Reading.objects.filter(user=person))
    lists = list(ReadingList.objects.filter(owner=person).prefetch_related("places"))
    names = {row.paper_public_id for row in readings} | {place.paper_public_id for list_ in lists for place in list_.places.all()}
    today = Today(names)
    shown = today.shown({today.of(name) for name in names})

    def paper(name: str) -> dict[str, str]:
        one = shown[today.of(name)]
        return {"paper": name, "title": one.record.title if one.record else one.title}

    return {
        "papers": [{**paper(row.paper_public_id), "state": row.state, "note": row.note, "changed_at": row.changed_at} for row in readings],
        "lists": [
            {
                "id": list_.public_id,
                "name": list_.name,
                "description": list_.description,
                "is_public": list_.is_public,
                "created_at": list_.created_at,
                "changed_at": list_.changed_at,
                "papers": [{**paper(place.paper_public_id), "added_at": place.added_at} for place in list_.places.all()],
            }
            for list_ in lists
        ],
    }
