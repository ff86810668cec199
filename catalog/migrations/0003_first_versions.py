"""What each submission said at its newest version, and which paper came of it, for submissions from before these were kept."""

from typing import Any

from django.db import migrations


def keep(apps: Any, schema_editor: Any) -> None:
    Submission = apps.get_model("catalog", "Submission")
    SubmissionVersion = apps.get_model("catalog", "SubmissionVersion")
    for submission in Submission.objects.select_related("paper").filter(versions=None).iterator():
        SubmissionVersion.objects.create(
            submission=submission,
            number=submission.version,
            record_json=submission.record_json,
            why=submission.why,
            at=submission.updated_at,
        )
        if submission.paper:
            Submission.objects.filter(pk=submission.pk).update(paper_public_id=submission.paper.public_id)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_review_desk")]

    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
