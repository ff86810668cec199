import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_api"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Visit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("before", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="visit", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("seen_at__gte", models.F("began_at"))), name="visit_ends_after_it_began"),
                    models.CheckConstraint(
                        condition=models.Q(("before", None), ("before__lt", models.F("began_at")), _connector="OR"),
                        name="visit_comes_after_the_one_before",
                    ),
                ],
            },
        ),
    ]
