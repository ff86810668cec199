"""The words of lists: what a link is called, what a heading promises, what marks a venue, an organization, a remark.

Plain tables, to be added to when a list says it otherwise.
"""

import re
from collections.abc import Mapping

from catalog.records import Kind, LinkKind, fold


def _each[Of](meanings: Mapping[Of, str]) -> dict[str, Of]:
    """Word by word; a comma parts what has blanks in it."""
    return {word: meaning for meaning, words in meanings.items() for word in (words.split(", ") if "," in words else words.split())}


# -- Links ---------------------------------------------------------------------------------------
_WORDS_OF_LINKS: dict[LinkKind, str] = {
    "paper": "paper papers doi arxiv abs html publication preprint openreview acm ieee usenix acl proceedings manuscript",
    "pdf": "pdf",
    "code": "code github git repo repository implementation colab notebook gitlab",
    "slides": "slides slide ppt deck poster",
    "video": "video talk youtube recording presentation",
    "project": "project page website homepage home site blog demo docs documentation blogpost web",
    "data": "data dataset datasets traces trace",
}
LINK_WORDS = _each(_WORDS_OF_LINKS)
_SIGNS_OF_LINKS: dict[LinkKind, str] = {
    "paper": "📄 📃 📑 📜 📝 📰 📖 📗 📘 📙 📕 🔗",
    "code": "💻 🐙 🐱 🛠 ⚙",
    "slides": "📊 🖼",
    "video": "🎥 📹 📺 🎬 🎞",
    "project": "🌐 🏠 🌍 🌎 🌏 🤗",
    "data": "💾 🗂 🗃",
}
_LINK_SIGNS = _each(_SIGNS_OF_LINKS)
_SAY_THAT_IT_IS_A_LINK = frozenset(("link", "url", "here", "version"))
_SAY_MORE_ABOUT_A_LINK = _SAY_THAT_IT_IS_A_LINK.union(
    _each(
        {
            "": "the official full extended long short abstract pytorch tensorflow jax journal conference author our open "
            "source anthology v1 v2"
        }
    )
)
EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u231a\u231b\u23e9-\u23f3\u23f8-\u23fa\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\ufe0e\ufe0f\u20e3]\u200d?"
)
SHORTCODE = re.compile(r"(?<![\w:]):(?:\+1|-1|[a-z][a-z0-9_+-]{1,40}):(?![\w:])")


def link_word(label: str) -> tuple[bool, LinkKind | None]:
    """Whether a link is only called what it leads to, such as `PDF` or 📄, and what that is; None is for its address to say."""
    words = fold(SHORTCODE.sub("", label)).split()
    if not words:
        return True, next((_LINK_SIGNS[sign] for sign in label if sign in _LINK_SIGNS), None)
    if len(words) > 4 or not all(word in LINK_WORDS or word in _SAY_MORE_ABOUT_A_LINK for word in words):
        return False, None
    kinds = [LINK_WORDS[word] for word in words if word in LINK_WORDS]
    return bool(kinds) or words[-1] in _SAY_THAT_IT_IS_A_LINK, kinds[0] if kinds else None


# -- Kinds of works ------------------------------------------------------------------------------
_WORDS_OF_KINDS: dict[Kind, str] = {
    "survey": "survey surveys",
    "benchmark": "benchmark benchmarks",
    "leaderboard": "leaderboard leaderboards",
    "framework": "framework frameworks library libraries tool tools toolkit toolkits software package packages",
    "article": "article articles blog blogs blogpost blogposts reading readings book books newsletter newsletters",
    "course": "course courses lecture lectures",
    "list": "list lists",
    "talk": "talk talks keynote keynotes",
}
KIND_WORDS = _each(_WORDS_OF_KINDS)
SURVEY = re.compile(r": an? (?:[\w-]+ ){0,3}(?:survey|review)\b|^an? (?:[\w-]+ ){0,3}survey\b|^survey\b", re.IGNORECASE)


_LISTS_OF_OTHERS = {"awesome", "other", "related", "similar", "more"}


def kind_of_heading(heading: str) -> Kind | None:
    """What the works under a heading are, where it says so. A leaderboard is more than the benchmark it stands beside."""
    words = fold(heading).split()
    kinds = [KIND_WORDS[word] for word in words if word in KIND_WORDS]
    # A paper list is one of papers.
    if "list" in kinds and not _LISTS_OF_OTHERS.intersection(words):
        kinds.remove("list")
    return "leaderboard" if "leaderboard" in kinds else kinds[0] if kinds else None


# -- Venues, organizations, remarks --------------------------------------------------------------
PREPRINT = re.compile(r"\s*(?:ar(?:xiv|ixv|vix)\b.*|corr\b|.*\bpreprints?\b|biorxiv|techrxiv|ssrn)\s*", re.IGNORECASE)
# Known to everybody by these letters, also without a year.
FAMOUS_VENUES = set(
    _each(
        {
            "": "aaai acl aistats asplos atc cav ccs cgo chi cidr cikm conext coling colm corl cvpr dac eacl ecai eccv "
            "emnlp eurosys fccm fpga fse hotnets hotos hotstorage hpca hpdc iccad iccv icdcs icde icdm iclr icml icpp "
            "icra ics icse ijcai infocom interspeech ipdps iros isca ispass issta jmlr kdd miccai mlsys mobicom mobisys "
            "naacl ndss neurips nips nsdi oopsla osdi pldi podc pods popl ppopp pvldb recsys rtss sigcomm siggraph "
            "sigir sigmetrics sigmod socc sosp spaa tacl tkde tmlr tocs tpami tpds uai uist usenixatc usenixsecurity "
            "vldb wacv wsdm www"
        }
    )
)
VENUE = re.compile(
    r"\b(?:conference|journal|proc|proceedings|workshop|symposium|transactions|trans|letters|magazine|review|reviews|computing surveys"
    r"|ieee|acm|usenix|springer|nature|science)\b",
    re.IGNORECASE,
)
ORGANIZATION = re.compile(
    r"\b(?:universit\w+|institut\w*|labs?|laborator\w+|research|college|school|academy|inc|ltd|llc|corp\w*|company|team|cent(?:er|re)|google|microsoft"
    r"|meta|facebook|amazon|apple|nvidia|intel|ibm|alibaba|tencent|baidu|bytedance|huawei|openai|deepmind|berkeley|stanford|tsinghua)\b",
    re.IGNORECASE,
)
# Words of titles and topics, which no person is called by.
TOPIC = re.compile(r"\b(?:systems?|learning|models?|networks?|data|computing|language|inference|training)\b", re.IGNORECASE)
# What is said about the place in the list and not about the work.
PRAISE = set(_each({"": "new, hot, must read, recommended, highly recommended, featured, todo, best paper"}))
REMARK = re.compile(
    r"(?:sections?|sec\.|§|chapters?|appendix|part|pages?|figures?|tables?|also in|see also|in chinese|chinese|中文)(?:\s.*|$)",
    re.IGNORECASE,
)

# -- Columns and labels --------------------------------------------------------------------------
# What a column or a label may be called, and which field it fills.
FIELDS = _each(
    {
        "authors": "author, authors, author s",
        "venue": "venue, venues, conference, conf, conf journal, conference journal, journal, publication, publisher, published, "
        "published in, published at, pub, proceedings, venue year, source, accepted, accepted by, accepted at, where",
        "year": "year, date, publication date, time, release date, published date, pub date",
        "organizations": "org, orgs, organization, organizations, organisation, affiliation, affiliations, institution, institutions, "
        "institute, company, lab, team, from, university",
        "note": "note, notes, tl dr, tldr, summary, description, comment, comments, remark, remarks, highlight, highlights, key "
        "idea, idea, introduction, about, keywords, tags",
        "abstract": "abstract",
        "kind": "type kind",
        "short name": "short name, abbreviation, acronym",
        "links": "link, links, url, pdf, code, github, project, project page, page, website, homepage, slides, video, resources, "
        "arxiv, doi, data, dataset, demo, paper, paper link, blog, implementation, repo, repository, talk, poster, "
        "media",
    }
)
# What the column of titles may be called, surest first; some of these may also hold a name beside a title.
TITLE_COLUMNS = list(
    _each(
        {
            "": "title, paper title, paper name, papers, paper, article, work, name, method, model, system, framework, "
            "tool, project, resource, benchmark, dataset, course, repository, library, list, title link"
        }
    )
)
NAME_COLUMNS = set(_each({"": "name, method, model, system, framework, tool, abbreviation, short name, acronym, nickname, alias"}))
