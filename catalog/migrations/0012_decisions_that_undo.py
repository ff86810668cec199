from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0011_contributions"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(condition=models.Q(("undoes__isnull", False)), fields=["undoes"], name="decision_that_undoes"),
        ),
    ]
