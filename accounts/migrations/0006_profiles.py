import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_tokens"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="about",
            field=models.CharField(blank=True, max_length=280, verbose_name="about"),
        ),
        migrations.AddField(
            model_name="user",
            name="affiliation",
            field=models.CharField(blank=True, max_length=120, verbose_name="affiliation"),
        ),
        migrations.AddField(
            model_name="user",
            name="display_name",
            field=models.CharField(blank=True, max_length=80, verbose_name="name"),
        ),
        migrations.AddField(
            model_name="user",
            name="homepage",
            field=models.URLField(blank=True, verbose_name="home page"),
        ),
        migrations.AddField(
            model_name="user",
            name="is_public",
            field=models.BooleanField(default=False, verbose_name="has a public page"),
        ),
        migrations.AddField(
            model_name="user",
            name="orcid",
            field=models.CharField(blank=True, max_length=19, verbose_name="ORCID iD"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("homepage", ""), ("homepage__startswith", "https://"), ("homepage__startswith", "http://"), _connector="OR"
                ),
                name="homepage_is_on_the_web",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("orcid", ""), django.db.models.lookups.Exact(django.db.models.functions.text.Length("orcid"), 19), _connector="OR"
                ),
                name="orcid_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length("display_name"), 80),
                    django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length("about"), 280),
                    django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length("affiliation"), 120),
                ),
                name="profile_has_an_end",
            ),
        ),
    ]
