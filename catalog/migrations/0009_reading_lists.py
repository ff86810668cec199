import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from catalog.models.paper import new_public_id


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0008_visits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("paper_public_id", models.CharField(max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[("to_read", "To read"), ("reading", "Reading"), ("read", "Read")], default="to_read", max_length=7
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=5000)),
                ("changed_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="readings", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "ordering": ["-changed_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(fields=["user", "paper_public_id"], name="person_reads_a_paper_once"),
                    models.CheckConstraint(condition=models.Q(state__in=["to_read", "reading", "read"]), name="reading_state_is_known"),
                    models.CheckConstraint(condition=LessThanOrEqual(Length("note"), models.Value(5000)), name="reading_note_has_an_end"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReadingList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(default=new_public_id, editable=False, max_length=16, unique=True)),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("description", models.TextField(blank=True, max_length=1000, verbose_name="description")),
                ("is_public", models.BooleanField(default=False, verbose_name="public")),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reading_lists", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-changed_at", "-id"],
                "indexes": [models.Index(condition=models.Q(is_public=True), fields=["-changed_at", "-id"], name="public_list_by_change")],
                "constraints": [
                    models.CheckConstraint(condition=~models.Q(name=""), name="reading_list_has_a_name"),
                    models.CheckConstraint(
                        condition=LessThanOrEqual(Length("description"), models.Value(1000)), name="list_description_has_an_end"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListPlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("paper_public_id", models.CharField(max_length=16)),
                ("position", models.PositiveIntegerField()),
                ("added_at", models.DateTimeField()),
                (
                    "list",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="places", to="catalog.readinglist"),
                ),
            ],
            options={
                "ordering": ["position"],
                "indexes": [models.Index(fields=["paper_public_id"], name="list_place_by_paper")],
                "constraints": [
                    models.UniqueConstraint(fields=["list", "paper_public_id"], name="paper_stands_once_in_a_list"),
                    models.UniqueConstraint(fields=["list", "position"], name="position_is_taken_once_in_a_list"),
                    models.CheckConstraint(condition=models.Q(position__gte=1), name="list_position_counts_from_one"),
                ],
            },
        ),
    ]
