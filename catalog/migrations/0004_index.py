import django.db.models.deletion
from django.db import migrations, models

import catalog.models.paper
import catalog.models.posting


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_first_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="cataloguestate",
            name="rules",
            # What is there has no index yet: `rebuild_catalogue` makes one.
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="cataloguestate",
            name="rules",
            field=models.PositiveSmallIntegerField(default=catalog.models.paper.current_rules),
        ),
        migrations.AddField(
            model_name="cataloguestate",
            name="stamp",
            field=models.CharField(default=catalog.models.paper.new_stamp, max_length=16),
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", catalog.models.posting.TermField(max_length=12)),
                ("term", catalog.models.posting.TermField(max_length=300)),
                ("segment", models.PositiveIntegerField()),
                ("papers", models.BinaryField()),
            ],
            options={
                "indexes": [models.Index(fields=["segment"], name="posting_by_segment")],
                "constraints": [models.UniqueConstraint(fields=("field", "term", "segment"), name="term_has_one_posting_a_segment")],
            },
        ),
        migrations.CreateModel(
            name="Word",
            fields=[
                ("text", catalog.models.posting.TermField(max_length=64, primary_key=True, serialize=False)),
                ("papers", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("papers__gte", 1)), name="word_stands_somewhere")],
            },
        ),
        migrations.CreateModel(
            name="Misspelling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", catalog.models.posting.TermField(max_length=64)),
                (
                    "word",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="misspellings", to="catalog.word"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["word"], name="misspelling_by_word")],
                "constraints": [models.UniqueConstraint(fields=("text", "word"), name="letter_is_left_out_once")],
            },
        ),
    ]
