"""What people write in lists comes out as the facts that were checked by hand (tests/data/entries.tsv)."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.citations import Spellings, read_bullet, read_organizations, read_venue, short_name_of, tidy_title, with_known_names
from catalog.records import Organization, Record, Venue

VENUES = Spellings(
    [
        *((name, name) for name in ("ASPLOS", "EuroSys", "ICLR", "ICML", "ICS", "MLSys", "MobiSys", "NAIC", "NSDI", "OSDI", "SOSP")),
        ("ES-FoMo", "ICML ES-FoMo Workshop"),
        ("ATC", "USENIX ATC"),
        ("PVLDB", "VLDB"),
    ]
)
ORGANIZATIONS = Spellings(
    [
        ("Adobe Research", "Adobe Research"), ("Anyscale", "Anyscale"), ("Apple", "Apple"), ("ByteDance", "ByteDance"),
        ("CMU", "Carnegie Mellon University"), ("Cisco Research", "Cisco Research"), ("GT", "Georgia Institute of Technology"),
        ("Google", "Google"), ("Harvard", "Harvard University"), ("Havard", "Harvard University"), ("Hugging Face", "Hugging Face"),
        ("Microsoft", "Microsoft"), ("MIT", "MIT"), ("NUS", "National University of Singapore"), ("Nvidia", "NVIDIA"),
        ("PKU", "Peking University"), ("PyTorch", "PyTorch"), ("Ray", "Ray"), ("Sea AI Lab", "Sea AI Lab"),
        ("SNU", "Seoul National University"), ("Stanford", "Stanford University"), ("THU", "Tsinghua University"),
        ("Tsinghua", "Tsinghua University"), ("UCB", "UC Berkeley"), ("University of California, Berkeley", "UC Berkeley"),
        ("Umich", "University of Michigan"), ("UW", "University of Washington"),
    ]
)  # fmt: skip

with (Path(__file__).parent / "data" / "entries.tsv").open(encoding="utf-8", newline="") as file:
    ENTRIES = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def bullet(line):
    reading = read_bullet(line, venues=VENUES, organizations=ORGANIZATIONS)
    return reading.record if reading else None


def facts(record):
    venue = record.venue
    organizations = ";".join(organization.name for organization in record.organizations)
    return record.title, record.short_name, record.note, venue.name if venue else "", venue.year if venue else None, organizations


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["line_no"])
def test_a_line_of_the_list_gives_the_checked_facts(entry):
    year = int(entry["venue_year"]) if entry["venue_year"] else None
    expected = entry["title"], entry["short_name"], entry["note"], entry["venue"], year, entry["organizations"]
    assert facts(bullet(f"- {entry['raw']}")) == expected
    assert facts(bullet(entry["raw"])) == expected


# The hardest lines, written out: title, short name, note, venue, year, organizations.
HARDEST = [
    (
        "Carbon Emissions and Large Neural Network Training | Google, UCB",
        ("Carbon Emissions and Large Neural Network Training", "", "", "", None, "Google;UC Berkeley"),
    ),
    (
        "Oobleck: Resilient Distributed Training of Large Models Using Pipeline Templates | SOSP 23",
        ("Oobleck: Resilient Distributed Training of Large Models Using Pipeline Templates", "Oobleck", "", "SOSP", 2023, ""),
    ),
    (
        "Scaling Beyond the GPU Memory Limit for Large Mixture-of-Experts Model Training | ICML 24",
        ("Scaling Beyond the GPU Memory Limit for Large Mixture-of-Experts Model Training", "", "", "ICML", 2024, ""),
    ),
    ("The Llama 3 Herd of Models (Section 3)", ("The Llama 3 Herd of Models", "", "Section 3", "", None, "")),
    (
        "DynaPipe : Optimizing Multi-task Training through Dynamic Pipelines | EuroSys '24",
        ("DynaPipe: Optimizing Multi-task Training through Dynamic Pipelines", "DynaPipe", "", "EuroSys", 2024, ""),
    ),
    (
        "DeepSpeed Inference : Enabling Efficient Inference of Transformer Models at Unprecedented Scale.",
        (
            "DeepSpeed Inference: Enabling Efficient Inference of Transformer Models at Unprecedented Scale",
            "DeepSpeed Inference", "", "", None, "",
        ),
    ),
    (
        "MPCFormer : fast, performant, and private transformer inference with MPC | ICLR'23",
        ("MPCFormer: fast, performant, and private transformer inference with MPC", "MPCFormer", "", "ICLR", 2023, ""),
    ),
    (
        "DeepSpeed-MII: Model Implementations for Inference (MII) ｜ Microsoft",
        ("DeepSpeed-MII: Model Implementations for Inference (MII)", "DeepSpeed-MII", "", "", None, "Microsoft"),
    ),
    (
        "LLM in a flash: Efficient Large Language Model Inference with Limited Memory | Apple",
        ("LLM in a flash: Efficient Large Language Model Inference with Limited Memory", "", "", "", None, "Apple"),
    ),
    (
        "DistServe: Disaggregating Prefill and Decoding for Goodput-optimized Large Language Model Serving| OSDI' 24",
        (
            "DistServe: Disaggregating Prefill and Decoding for Goodput-optimized Large Language Model Serving",
            "DistServe", "", "OSDI", 2024, "",
        ),
    ),
    (
        "DéjàVu: KV-cache Streaming for Fast, Fault-tolerant Generative LLM Serving",
        ("DéjàVu: KV-cache Streaming for Fast, Fault-tolerant Generative LLM Serving", "DéjàVu", "", "", None, ""),
    ),
    (
        "ALTO: An Efficient Network Orchestrator for Compound AI Systems | Stanford & UCB",
        ("ALTO: An Efficient Network Orchestrator for Compound AI Systems", "ALTO", "", "", None, "Stanford University;UC Berkeley"),
    ),
    (
        "NanoFlow: Towards Optimal Large Language Model Serving Throughput | UW",
        ("NanoFlow: Towards Optimal Large Language Model Serving Throughput", "NanoFlow", "", "", None, "University of Washington"),
    ),
    (
        "If At First You Don’t Succeed, Try, Try, Again...? | SOSP' 24",
        ("If At First You Don’t Succeed, Try, Try, Again...?", "", "", "SOSP", 2024, ""),
    ),
    (
        "H2O: Heavy-Hitter Oracle for Efficient Generative Inference of Large Language Models | ICML ES-FoMo Workshop 2023",
        (
            "H2O: Heavy-Hitter Oracle for Efficient Generative Inference of Large Language Models",
            "H2O", "", "ICML ES-FoMo Workshop", 2023, "",
        ),
    ),
    (
        "INFaaS: Automated Model-less Inference Serving | ATC’ 21",
        ("INFaaS: Automated Model-less Inference Serving", "INFaaS", "", "USENIX ATC", 2021, ""),
    ),
    (
        "DeepSpeed-MoE: Advancing Mixture-of-Experts Inference and Training to Power Next-Generation AI Scale ICML' 2022.",
        (
            "DeepSpeed-MoE: Advancing Mixture-of-Experts Inference and Training to Power Next-Generation AI Scale",
            "DeepSpeed-MoE", "", "ICML", 2022, "",
        ),
    ),
    (
        "ZeRO : memory optimizations toward training trillion parameter models.",
        ("ZeRO: memory optimizations toward training trillion parameter models", "ZeRO", "", "", None, ""),
    ),
    (
        "Band: Coordinated Multi-DNN Inference on Heterogeneous Mobile Processors | MobiSys ’22",
        ("Band: Coordinated Multi-DNN Inference on Heterogeneous Mobile Processors", "Band", "", "MobiSys", 2022, ""),
    ),
    (
        "Fast and Efficient Model Serving Using Multi-GPUs with Direct-Host-Access | Eurosys'23",
        ("Fast and Efficient Model Serving Using Multi-GPUs with Direct-Host-Access", "", "", "EuroSys", 2023, ""),
    ),
    (
        "Efficient GPU Kernels for N:M-Sparse Weights in Deep Learning",
        ("Efficient GPU Kernels for N:M-Sparse Weights in Deep Learning", "", "", "", None, ""),
    ),
    (
        "BPipe: Memory-Balanced Pipeline Parallelism for TrainingLarge Language Models",
        ("BPipe: Memory-Balanced Pipeline Parallelism for Training Large Language Models", "BPipe", "", "", None, ""),
    ),
    ("LLaVA", ("LLaVA", "", "", "", None, "")),
    (
        "Systems for Machine Learning | (Stanford)[https://cs229s.stanford.edu/fall2023/]",
        ("Systems for Machine Learning", "", "", "", None, "Stanford University"),
    ),
    (
        "100,000 H100 Clusters: Power, Network Topology, Ethernet vs InfiniBand, Reliability, Failures, Checkpointing",
        (
            "100,000 H100 Clusters: Power, Network Topology, Ethernet vs InfiniBand, Reliability, Failures, Checkpointing",
            "", "", "", None, "",
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), HARDEST, ids=lambda part: part[:24] if isinstance(part, str) else "")
def test_the_hardest_lines(line, expected):
    assert facts(bullet(f"- {line}")) == expected


@pytest.mark.parametrize(
    ("text", "name", "year"),
    [
        ("SOSP 23", "SOSP", 2023),
        ("SOSP' 24", "SOSP", 2024),
        ("sosp24", "SOSP", 2024),
        ("SOSP 2024", "SOSP", 2024),
        ("SOSP '24", "SOSP", 2024),
        ("SOSP’24", "SOSP", 2024),
        ("SOSP-24", "SOSP", 2024),
        ("(SOSP 2024)", "SOSP", 2024),
        ("SOSP", "SOSP", None),
        ("SOSP'67", "SOSP", 1967),
        ("EuroSys '24", "EuroSys", 2024),
        ("EuroSYS'23", "EuroSys", 2023),
        ("Eurosys'23", "EuroSys", 2023),
        ("ICLR'23", "ICLR", 2023),
        ("ATC’ 21", "USENIX ATC", 2021),
        ("ATC'22", "USENIX ATC", 2022),
        ("USENIX ATC 2022", "USENIX ATC", 2022),
        ("MobiSys ’22", "MobiSys", 2022),
        ("ICML' 2022.", "ICML", 2022),
        ("ICML ES-FoMo Workshop 2023", "ICML ES-FoMo Workshop", 2023),
        ("VLDB' 24", "VLDB", 2024),
        ("PVLDB", "VLDB", None),
        ("ASPLOS 23", "ASPLOS", 2023),
        ("NAIC' 24", "NAIC", 2024),
        ("ICS' 24", "ICS", 2024),
        ("MLSys' 22", "MLSys", 2022),
        ("NSDI'22", "NSDI", 2022),
        ("OSDI 22", "OSDI", 2022),
        ("Proceedings of the 18th USENIX Symposium on Operating Systems Design and Implementation (OSDI 24)", "OSDI", 2024),
        ("Proceedings of the 28th Symposium on Operating Systems Principles (SOSP), 2021", "SOSP", 2021),
        ("Proc. of the 12th ICLR", "ICLR", None),
        ("2024 USENIX ATC", "USENIX ATC", 2024),
    ],
)
def test_a_known_venue_is_read_in_every_spelling(text, name, year):
    reading = read_venue(text, VENUES)
    assert (reading.name, reading.year, reading.raw, reading.is_known) == (name, year, text, True)


@pytest.mark.parametrize(
    ("text", "name", "year"),
    [("SIGCOMM '24", "SIGCOMM", 2024), ("Some Workshop", "Some Workshop", None), ("2024", "2024", None), ("x" * 9_000, "x" * 9_000, None)],
)
def test_an_unknown_venue_keeps_what_was_written(text, name, year):
    reading = read_venue(text, VENUES)
    assert (reading.name, reading.year, reading.is_known) == (name, year, False)


def test_nothing_is_no_venue():
    assert read_venue(" .", VENUES) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Google, UCB", ["Google", "UC Berkeley"]),
        ("Stanford & UCB", ["Stanford University", "UC Berkeley"]),
        ("HuggingFace; hugging-face", ["Hugging Face"]),
        ("Havard", ["Harvard University"]),
        ("Cisco Research", ["Cisco Research"]),
        ("MIT, University of California, Berkeley & Nvidia", ["MIT", "UC Berkeley", "NVIDIA"]),
        ("Princeton, UMICH", ["Princeton", "University of Michigan"]),
        ("(Stanford)", ["Stanford University"]),
        ("Johns Hopkins and Friends", ["Johns Hopkins and Friends"]),
        ("", []),
        (" , & ;", []),
    ],
)
def test_organizations_are_read_in_order_and_once(text, names):
    assert [reading.name for reading in read_organizations(text, ORGANIZATIONS)] == names


def test_an_unknown_organization_is_told_from_a_known_one():
    first, second = read_organizations("Princeton, UCB", ORGANIZATIONS)
    assert (first.raw, first.is_known) == ("Princeton", False)
    assert (second.raw, second.is_known) == ("UCB", True)


@pytest.mark.parametrize(
    ("line", "title", "links"),
    [
        ("- [Orca](https://x.org/a): A System | OSDI 22", "Orca: A System", [("paper", "https://x.org/a")]),
        ("* [Orca:](https://x.org/a) A System", "Orca: A System", [("paper", "https://x.org/a")]),
        ("1. [Orca: A System](https://x.org/a_(b))", "Orca: A System", [("paper", "https://x.org/a_(b)")]),
        (
            "- **Orca**: A `System` [[Paper]](https://x.org/a) [[Code]](https://x.org/b)",
            "Orca: A System",
            [("paper",
            "https://x.org/a"), ("code",
            "https://x.org/b")],
        ),
        ("- Orca: A System https://x.org/a", "Orca: A System", [("paper", "https://x.org/a")]),
        ("- Orca &amp; Co: A System ([slides](https://x.org/s))", "Orca & Co: A System", [("slides", "https://x.org/s")]),
        (
            "- Systems for Generative AI | (Umich)[https://github.com/mosharaf/eecs598/tree/w24-genai]",
            "Systems for Generative AI",
            [("code",
            "https://github.com/mosharaf/eecs598/tree/w24-genai")],
        ),
        (
            "- [Orca: A System](https://arxiv.org/pdf/2307.08691v2.pdf?fbclid=1)",
            "Orca: A System",
            [("paper",
            "https://arxiv.org/abs/2307.08691"), ("pdf",
            "https://arxiv.org/pdf/2307.08691")],
        ),
        ("- [OSDI'22] [Orca: A System](https://dl.acm.org/doi/10.1145/1.2)", "Orca: A System", [("paper", "https://doi.org/10.1145/1.2")]),
        (
            "- Orca: A System (arXiv:2307.08691)",
            "Orca: A System",
            [("paper",
            "https://arxiv.org/abs/2307.08691"), ("pdf",
            "https://arxiv.org/pdf/2307.08691")],
        ),
        ("- Orca: A System (OSDI 2022)", "Orca: A System", []),
        ("- Systems for AI - LLMs", "Systems for AI - LLMs", []),
        ("- [x] [Done](https://x.org/a)", "Done", [("paper", "https://x.org/a")]),
    ],
)  # fmt: skip
def test_links_of_a_line_are_taken_out_of_its_title(line, title, links):
    record = bullet(line)
    assert record.title == title
    assert [(link.kind, link.url) for link in record.links] == links


def test_a_venue_is_found_in_brackets_before_and_in_parentheses_behind_a_title():
    assert bullet("- [OSDI'22] Orca: A System").venue == Venue(name="OSDI", year=2022, raw="OSDI'22")
    assert bullet("- Orca: A System (OSDI 2022)").venue == Venue(name="OSDI", year=2022, raw="OSDI 2022")
    assert bullet("- [arXiv'24] Orca: A System").venue is None
    assert bullet("- Lessons learned from SOSP 2023").venue is None


def test_behind_a_link_a_dash_begins_a_description():
    record = bullet("- [Orca](https://x.org/a) - A system that serves.")
    assert (record.title, record.note) == ("Orca", "A system that serves.")


def test_identifiers_and_the_year_they_state_are_read_from_a_line():
    record = bullet("- [Orca](https://arxiv.org/abs/2307.08691v3): A System | UCB")
    assert record.identifiers == {"arxiv": "2307.08691"}
    assert record.year == 2023
    assert bullet("- [Orca](https://arxiv.org/abs/2307.08691): A System | OSDI 22").year == 2022


def test_an_address_that_cannot_be_kept_is_told_and_left_out():
    reading = read_bullet("- [Orca](javascript:alert) and [more](#more)", venues=VENUES, organizations=ORGANIZATIONS)
    assert [refusal.reason for refusal in reading.refused] == ["scheme"]
    assert reading.record.links == ()
    assert reading.record.title == "Orca and more"


@pytest.mark.parametrize("line", ["", "-", "- ", "****", "| UCB", "- ![badge](https://x.org/a.svg)", "x" * 4_001])
def test_a_line_without_a_title_is_none(line):
    assert bullet(line) is None


@given(st.text(alphabet=st.sampled_from("ab[]()!|｜:'’ .-*_`/#&<>https://x.org20\u202e\x00"), max_size=80))
def test_no_line_is_too_strange_to_be_read(line):
    record = bullet(line)
    if record:
        assert record.title == tidy_title(record.title, {})
        assert all(link.url.startswith(("http://", "https://")) for link in record.links)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Deja Vu: Contextual Sparsity", "Deja Vu"),
        ("Alibaba HPN: A Data Center Network", "Alibaba HPN"),
        ("ZeRO++: Extremely Efficient", "ZeRO++"),
        ("Beyond Efficiency: A Systematic Survey", ""),
        ("Efficient Transformers: A Survey", ""),
        ("Prompt Compression: A Survey", ""),
        ("Inference without Interference: Disaggregate", ""),
        ("N:M Sparsity", ""),
        ("LLaVA", ""),
    ],
)
def test_a_short_name_is_the_name_of_a_system_before_the_colon(title, name):
    assert short_name_of(title) == name


def test_known_names_take_the_place_of_what_was_written():
    record = Record(
        title="Orca",
        venue=Venue(name="Proceedings of the 16th USENIX Symposium (OSDI 22)", raw="Proceedings of the 16th USENIX Symposium (OSDI 22)"),
        organizations=(Organization(name="UCB"), Organization(name="UC Berkeley"), Organization(name="Princeton")),
    )
    known = with_known_names(record, venues=VENUES, organizations=ORGANIZATIONS)
    assert (known.venue.name, known.venue.year) == ("OSDI", 2022)
    assert [organization.name for organization in known.organizations] == ["UC Berkeley", "Princeton"]
