import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_notifications")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="review_digest",
            field=models.CharField(
                choices=[
                    ("daily", "Every day on which something waits"),
                    ("weekly", "Once a week, where something waits"),
                    ("never", "Never"),
                ],
                default="daily",
                max_length=6,
                verbose_name="letter about what waits",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("review_digest__in", ["daily", "weekly", "never"])), name="review_digest_is_known"
            ),
        ),
        migrations.CreateModel(
            name="Digest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("period", models.CharField(max_length=10)),
                ("sent_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="digests", to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "ordering": ["-sent_at", "-id"],
                "constraints": [models.UniqueConstraint(fields=("user", "kind", "period"), name="digest_is_sent_once_a_period")],
            },
        ),
    ]
