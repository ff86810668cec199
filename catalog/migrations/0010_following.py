import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0009_reading_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Follow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("category", "Category"),
                            ("venue", "Venue"),
                            ("author", "Author"),
                            ("organization", "Organization"),
                            ("search", "Search"),
                        ],
                        max_length=12,
                    ),
                ),
                ("what", models.CharField(blank=True, max_length=2000)),
                ("name", models.CharField(max_length=200)),
                (
                    "how",
                    models.CharField(
                        choices=[("site", "On this site"), ("daily", "Daily letter"), ("weekly", "Weekly letter")],
                        default="site",
                        max_length=6,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("told_through", models.PositiveBigIntegerField(default=0)),
                ("seen_through", models.PositiveBigIntegerField(default=0)),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="follows", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "ordering": ["kind", "name", "id"],
                "indexes": [models.Index(fields=["how", "user"], name="follow_by_how")],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "kind", "what"), name="thing_is_followed_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["category", "venue", "author", "organization", "search"])),
                        name="follow_kind_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("how__in", ["site", "daily", "weekly"])), name="follow_how_is_known"),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "search"), models.Q(("what", ""), _negated=True), _connector="OR"),
                        name="follow_says_what",
                    ),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="follow_has_a_name"),
                ],
            },
        ),
    ]
