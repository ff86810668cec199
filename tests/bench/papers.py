"""Papers that nobody wrote, as many as are asked for: the same ones on every machine, in any number of processes.

A corpus is cut into chunks of CHUNK papers. Each chunk has seeds of its own, so that chunks can be made in any order, and
one for the places in the tree alone, so that whoever numbers the places of a category need not make the papers first.

Made to be asked about: `COMMON` stands in about four papers of five, `RARE` in one of 5000, words that begin with `PREFIX`
in many, and `TYPO`, a slip in writing a common word, in none.
"""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, product, zip_longest
from random import Random

from catalog.records import Author, Category, Kind, Link, Organization, Record, Venue, slug_of

CHUNK = 1000
COMMON, RARE, PREFIX, TYPO, MEANT = "inference", "quorumcast", "specul", "atention", "attention"
RARE_EVERY, RARE_AT = 5000, 17
NEWEST_YEAR, YEARS = 2026, 12
FIRST_ADDED = datetime(2020, 1, 1, tzinfo=UTC)
# The letters of a public id.
_ID = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_SUBJECTS = """model serving training memory attention cache kernel latency throughput scheduling batching decoding speculative
speculation prefill quantization sparsity experts routing offloading disaggregated checkpointing recovery cluster network
collective communication overlap compiler fusion graph placement context retrieval generation agent workflow prompt prefix
paging compression eviction storage tiered bandwidth profiling tuning simulation cost energy carbon edge mobile serverless
autoscaling tenant fairness goodput preemption migration adapter finetuning reinforcement rollout alignment pretraining data
loading deduplication tokenizer embedding vector search ranking recommendation diffusion video multimodal vision speech safety
privacy enclave federated benchmark trace workload characterization study survey analysis deployment lessons bottleneck
scalable adaptive dynamic low-precision FP8 INT4 activation weight gradient optimizer state sharding synchronous asynchronous
straggler topology RDMA NVLink PCIe switch accelerator TPU FPGA chiplet wafer interconnect Triton CUDA runtime interpreter
verification synthesis code reasoning chain test-time compute budget early-exit draft tree GPU transformer large language
parallelism pipeline tensor elastic heterogeneous long-context on-device multi-node fault-tolerant key-value"""
_SMALL = """we the a of and to in for with that is on by this as are our which from can show across existing however propose
design implement evaluate achieves up improves reduces compared state art over while under both using between each more than
these their such it be at new under without when only two present results"""
_SYLLABLES = "ba ce di fo gu ha jo ki le mo nu or pa qui ra se ta ul ve wa xi yo zen tri mar lin dor fel"
_ENDINGS = ["", "", "", "", "LM", "Serve", "Flow", "KV", "-2", "X"]
_FIRST_NAMES = """Wei Li Jun Hao Yang Min Anna Maria Ravi Priya Ivan Olga Kenji Yuki Omar Fatima John Emily Lucas Sofia Noah Mia
Chen Xin Tao Rui Amir Sara Jonas Elif Pedro Inês Tomás Hana Viktor Zoë José André Łukasz Søren"""
_LAST_NAMES = """Zhang Wang Liu Chen Yang Huang Zhao Wu Zhou Xu Smith Johnson Kumar Singh Patel Kim Lee Park Tanaka Sato Müller
Schmidt Rossi Silva Santos García López Ivanov Petrov Nguyen Tran Ali Hassan Cohen Levi Brown Jones Dubois Martin Novák"""
_SERIES = "OSDI SOSP NSDI ASPLOS MLSys EuroSys ATC SC HPCA ISCA MICRO PPoPP SIGCOMM VLDB SIGMOD ICML NeurIPS ICLR ACL EMNLP"
_AREAS = ["Training", "Serving", "Data", "Hardware", "Applications"]
_KINDS: list[tuple[Kind, int]] = [
    ("paper", 75), ("survey", 6), ("benchmark", 5), ("framework", 4), ("article", 4), ("course", 2),
    ("talk", 2), ("leaderboard", 1), ("list", 1),
]  # fmt: skip

SUBJECTS, SMALL, SYLLABLES = _SUBJECTS.split(), _SMALL.split(), _SYLLABLES.split()
FIRST_NAMES, LAST_NAMES, SERIES = _FIRST_NAMES.split(), _LAST_NAMES.split(), _SERIES.split()
VENUES = [f"{series}{rank}" for rank in ("", " Workshops", " Industry Track") for series in SERIES]
ORGANIZATIONS = [f"{first}{second} {kind}" for first, second, kind in product(
    ("North", "South", "Lake", "Hill", "River", "Harbour", "Stone", "Green", "Bright", "Old"),
    ("field", "ton", "bury", "ford", "view", "gate", "bridge", "wood"),
    ("University", "Institute of Technology", "Labs", "Research", "Systems"),
)]  # fmt: skip


def _tree() -> list[tuple[str, str]]:
    tops = [(slug_of(area), area) for area in _AREAS]
    middles = [
        (f"{top}/{slug_of(word)}", word) for (top, _area), word in zip(sorted(tops * 3), map(str.capitalize, SUBJECTS[:15]), strict=True)
    ]
    leaves = [
        (f"{middle}/{slug_of(word)}", word) for (middle, _word), word in zip(middles * 4, map(str.capitalize, SUBJECTS[20:80]), strict=True)
    ]
    return [*tops, *middles, *leaves]


# Path and name, those above before those below: 5 with 15 below them with 60 below those.
CATEGORIES = _tree()
_INNER, _LEAVES = CATEGORIES[5:20], CATEGORIES[20:]


def _falling(count: int, *, steepness: float = 1.0, head: int = 6) -> list[float]:
    """Weights of which each is less than the one before (after Zipf), added up as `random.choices` likes them."""
    return list(accumulate((rank + head) ** -steepness for rank in range(count)))


_COINED = ["".join(syllables) for length in (2, 3) for syllables in product(SYLLABLES, repeat=length)]
_TAIL = Random("tail").sample(_COINED, 6000)
_WORDS = [*SUBJECTS, *_TAIL]
_WORD_WEIGHTS = list(
    accumulate([(rank + 6) ** -0.85 for rank in range(len(SUBJECTS))] + [0.9 / (rank + 150) for rank in range(len(_TAIL))])
)
_SUBJECT_WEIGHTS = _falling(len(SUBJECTS), head=3)
_LEAF_WEIGHTS = _falling(len(_LEAVES), steepness=0.7, head=5)
_VENUE_WEIGHTS = _falling(len(VENUES))
_ORGANIZATION_WEIGHTS = _falling(len(ORGANIZATIONS), head=8)
_KIND_NAMES, _KIND_WEIGHTS = [kind for kind, _weight in _KINDS], list(accumulate(weight for _kind, weight in _KINDS))


def author_name(number: int) -> str:
    """One of 1.1 million names, told apart by the letters in their middle."""
    first, rest = FIRST_NAMES[number % len(FIRST_NAMES)], number // len(FIRST_NAMES)
    last, middle = LAST_NAMES[rest % len(LAST_NAMES)], rest // len(LAST_NAMES)
    letters = [] if middle == 0 else [middle - 1] if middle <= 26 else divmod(middle - 27, 26)
    return " ".join([first, *(f"{chr(65 + letter)}." for letter in letters), last])


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """`size` papers, at most 1.1 million, with abstracts of so many words. Another size is another corpus."""

    size: int
    words: tuple[int, int] = (80, 180)

    @property
    def chunks(self) -> range:
        return range(-(-self.size // CHUNK))

    @property
    def _people(self) -> int:
        return max(300, self.size)

    def __iter__(self) -> Iterator[Record]:
        for chunk in self.chunks:
            yield from self.papers(chunk)

    def numbers(self, chunk: int) -> range:
        """Of the papers in a chunk, counted from 0 through the corpus."""
        return range(chunk * CHUNK, min(self.size, (chunk + 1) * CHUNK))

    def places(self, chunk: int) -> list[list[str]]:
        """The paths that each paper of the chunk stands at, the primary one first. Quick, where `papers` is not."""
        random = Random(f"{self} places {chunk}")
        return [self._paths(random) for _number in self.numbers(chunk)]

    def _paths(self, random: Random) -> list[str]:
        leaves = random.choices(_LEAVES, cum_weights=_LEAF_WEIGHTS, k=random.randint(1, 3))
        return list(dict.fromkeys(path if random.random() < 0.9 else random.choice(_INNER)[0] for path, _name in leaves))

    def papers(self, chunk: int) -> list[Record]:
        """As a contributor would hand them in, but for what is given out at the door: they bring id, slug and times with them."""
        random = Random(f"{self} papers {chunk}")
        return [self._paper(number, paths, random) for number, paths in zip(self.numbers(chunk), self.places(chunk), strict=True)]

    def _paper(self, number: int, paths: list[str], random: Random) -> Record:
        name = random.choice(_COINED).capitalize() + random.choice(_ENDINGS)
        subject = " ".join(word.capitalize() if word.islower() else word for word in _words(random, random.randint(4, 12)))
        is_named = random.random() < 0.7
        title = f"{name}: {subject}" if is_named else f"{subject} for {name}"
        year = NEWEST_YEAR - int(random.random() ** 2 * YEARS)
        added_at = FIRST_ADDED + timedelta(minutes=number)
        # Papers whose last five digits are the same, which count from 1, are of different months.
        arxiv = f"{year % 100:02d}{(number // 99_999 * 2 + number) % 12 + 1:02d}.{number % 99_999 + 1:05d}"
        identifiers = {"arxiv": arxiv}
        links = [Link(url=f"https://arxiv.org/abs/{arxiv}"), Link(kind="pdf", url=f"https://arxiv.org/pdf/{arxiv}")]
        if random.random() < 0.4:
            identifiers["doi"] = f"10.1145/{3_000_000 + number}.{random.randint(3_000_000, 3_999_999)}"
        if random.random() < 0.3:
            links.append(Link(kind="code", url=f"https://github.com/{slug_of(name)}/{number}"))
        authors = dict.fromkeys(author_name(int(self._people * random.random() ** 2)) for _each in range(random.randint(1, 8)))
        organizations = dict.fromkeys(random.choices(ORGANIZATIONS, cum_weights=_ORGANIZATION_WEIGHTS, k=random.randint(1, 2)))
        venue = VENUES[bisect(_VENUE_WEIGHTS, random.random() * _VENUE_WEIGHTS[-1])]
        return Record(
            id="".join(random.choices(_ID, k=16)),
            # The number makes it one that no other paper has, as it would after a second paper of the same name.
            slug=f"{slug_of(title)}-{number + 1}",
            title=title,
            short_name=name if is_named else "",
            kind=random.choices(_KIND_NAMES, cum_weights=_KIND_WEIGHTS)[0],
            year=year,
            abstract=self._abstract(number, random),
            authors=tuple(Author(name=author) for author in authors),
            organizations=tuple(Organization(name=organization) for organization in organizations),
            venue=Venue(name=venue, year=year, raw=f"{venue} {year}"),
            identifiers=identifiers,
            links=tuple(links),
            categories=tuple(Category(path=path, primary=path == paths[0]) for path in paths),
            added_at=added_at,
            updated_at=added_at,
        )

    def _abstract(self, number: int, random: Random) -> str:
        length = random.randint(*self.words)
        heavy = random.choices(_WORDS, cum_weights=_WORD_WEIGHTS, k=length * 11 // 20)
        light = random.choices(SMALL, k=length - len(heavy))
        words = [word for pair in zip_longest(heavy, light) for word in pair if word]
        if random.random() < 0.8:
            words[random.randrange(length)] = COMMON
        if number % RARE_EVERY == RARE_AT:
            words[length // 2] = RARE
        sentences, start = [], 0
        while start < length:
            end = start + random.randint(9, 22)
            sentence = " ".join(words[start:end])
            sentences.append(f"{sentence[0].upper()}{sentence[1:]}.")
            start = end
        return " ".join(sentences)


def _words(random: Random, count: int) -> list[str]:
    return random.choices(SUBJECTS, cum_weights=_SUBJECT_WEIGHTS, k=count)


def corpus_of(size: int) -> Corpus:
    """The one that is measured: abstracts are shorter where there are a million of them."""
    return Corpus(size=size, words=(40, 80)) if size >= 1_000_000 else Corpus(size=size)
