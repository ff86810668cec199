from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0010_following"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["by", "is_own", "-at", "-id", "verdict"], name="decision_by_reviewer"),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["contributor", "-submitted_at", "-id", "kind", "status"], name="submission_by_contributor"),
        ),
    ]
