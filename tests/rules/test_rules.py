"""Policies: where the rules are looked for, what extends what, and every problem at once."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import Pinned
from hypothesis import given
from hypothesis import strategies as st

from loadgate.errors import RulesError, UsageError
from loadgate.rules import load_policy

PRESET = "preset optimistic-locking"


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder without a rules file."""
    monkeypatch.chdir(tmp_path)


def _write(
    name: str = "loadgate.toml",
    *,
    rules: tuple[str, ...] = (),
    extends: tuple[str, ...] = (),
    require: str = "",
    text: str = "",
    status: int = 409,
) -> str:
    """Write a rules file with rules of these ids and return its path."""
    lines = ["version = 1", f"extends = {json.dumps(extends)}"]
    for identifier in rules:
        lines += ["[[rules]]", f'id = "{identifier}"', 'endpoint = "/x"', f"status = {status}"]
        lines.append(f'why = "as {name} says"')
    if require:
        lines += ["[[thresholds]]", f'require = "{require}"']
    if text:
        lines += ["[[status_texts]]", f'text = "{text}"']
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text("\n".join(lines), encoding="utf-8")
    return name


def _problems(path: str | None = None) -> tuple[str, ...]:
    with pytest.raises(RulesError) as caught:
        load_policy(path)
    return caught.value.problems


# --- where the rules are --------------------------------------------------------------------------


def test_without_a_file_the_preset() -> None:
    """In a folder without rules the bundled preset holds."""
    policy = load_policy()
    assert policy.origins == (PRESET,)
    assert [rule.id for rule in policy.rules] == ["optimistic-locking-conflict"]
    assert [(rule.origin, rule.at_most) for rule in policy.rules] == [(PRESET, Fraction(1, 2))]
    assert policy.thresholds == ()
    assert policy.status_texts == ()


def test_the_file_of_the_folder() -> None:
    """A file `loadgate.toml` in the working directory is used, and named."""
    _write(rules=("a", "b"), require="p95 < 1s", text="got {status}")
    policy = load_policy()
    assert policy.origins == ("loadgate.toml",)
    assert [(rule.id, rule.origin) for rule in policy.rules] == [
        ("a", "loadgate.toml"),
        ("b", "loadgate.toml"),
    ]
    assert [(item.require, item.origin) for item in policy.thresholds] == [
        ("p95 < 1s", "loadgate.toml")
    ]
    assert [item.text for item in policy.status_texts] == ["got {status}"]


def test_a_file_further_up_is_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What decides lies where the command is run, or is named: nobody has to guess."""
    _write(rules=("a",), require="p95 < 1s")
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert load_policy().origins == (PRESET,)


def test_a_file_of_another_name() -> None:
    """The file that is named is used, as a text or a path, and not that of the folder."""
    _write(rules=("a",))
    other = _write("other/rules.toml", rules=("b",))
    for path in (other, Path(other)):
        policy = load_policy(path)
        assert policy.origins == (str(Path(other)),)
        assert [rule.id for rule in policy.rules] == ["b"]


def test_json() -> None:
    """The same keys work in JSON."""
    rule = {"id": "a", "endpoint": "/x", "status": 409, "why": "w", "expires": "2027-06-30"}
    Path("rules.json").write_text(json.dumps({"version": 1, "rules": [rule]}), encoding="utf-8")
    assert load_policy("rules.json").rules[0].expires == date(2027, 6, 30)


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_the_name_of_a_preset_means_the_preset(kind: str) -> None:
    """Whatever lies beside the run; a slash or an ending names a file."""
    _write("team.toml", rules=("own",))
    for name in ("rate-limiting", "optimistic-locking"):
        if kind == "file":
            Path("team.toml").rename(name)
            Path("team.toml").write_bytes(Path(name).read_bytes())
        elif kind == "link":
            Path(name).symlink_to("team.toml")
        else:
            Path(name).mkdir()
    assert load_policy("rate-limiting").origins == ("preset rate-limiting",)
    assert load_policy(Path("rate-limiting")).origins == ("preset rate-limiting",)
    assert load_policy().origins == (PRESET,)
    _write(extends=("rate-limiting",))
    assert load_policy().origins == ("loadgate.toml", "preset rate-limiting")
    if kind != "folder":
        assert load_policy("./rate-limiting").origins == ("./rate-limiting",)
        _write(extends=("./rate-limiting",))
        assert load_policy().origins == ("loadgate.toml", "rate-limiting")


def test_a_bare_word_is_no_file() -> None:
    """It is told how to name the file that is there; an ending of any kind is enough."""
    _write("mine", rules=("own",))
    _write("mine.rules", rules=("own",))
    meant = 'there is no preset "mine"; if the file is meant, write "./mine"; the presets are'
    assert _problems("mine")[0].startswith(meant)
    _write(extends=("mine",))
    assert _problems()[0].startswith(f"extends[1]: {meant}")
    assert load_policy("mine.rules").origins == ("mine.rules",)


@pytest.mark.parametrize("why", ["\u200b", "\u3164", "\u2800\u2800", ".", "--", "\u202e."])
def test_a_reason_can_be_read(why: str) -> None:
    """What shows nothing, or signs alone, is no reason."""
    rule = {"id": "a", "endpoint": "/x", "status": 409, "why": why}
    Path("rules.json").write_text(json.dumps({"version": 1, "rules": [rule]}), encoding="utf-8")
    (problem,) = _problems("rules.json")
    assert problem.startswith('rules[1] "a": why: ')


def test_no_file_passes_for_a_preset() -> None:
    """Lint does not judge presets, so no file may be called like one in outputs."""
    _write("preset x.toml", rules=("own",))
    assert load_policy("preset x.toml").origins == ("./preset x.toml",)
    _write(extends=("./preset x.toml",))
    assert load_policy().origins == ("loadgate.toml", "./preset x.toml")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        pytest.param("nothing.toml", "there is no such file", id="path"),
        pytest.param(
            "rate-limit",
            'there is no preset "rate-limit"',
            id="name",
        ),
        pytest.param("no/where", "there is no such file", id="slash"),
        pytest.param("no\\where", "there is no such file", id="backslash"),
        pytest.param("nothing.JSON", "there is no such file", id="upper-case"),
        pytest.param("new/nothing.toml", "there is no such file", id="no-folder"),
        pytest.param("a b.toml", "there is no such file", id="blank"),
        pytest.param("loadgate.toml", "there is no such file", id="default"),
        pytest.param(".", "is a folder; name a file in it", id="folder"),
        pytest.param("nul\0.toml", "there is no such file", id="nul"),
    ],
)
def test_no_rules_there(path: str, problem: str, pinned: Pinned) -> None:
    """A file that is named has to be there: nothing else is used in its place."""
    (found,) = _problems(path)
    assert found.startswith(problem)
    pinned(found)


def test_a_folder_is_no_rules_file() -> None:
    """Nor a preset: those in it are named, to be copied."""
    for number in range(5):
        Path(f"services/s{number}").mkdir(parents=True)
        Path(f"services/s{number}/loadgate.toml").touch()
    named = ", ".join(f"services/s{number}/loadgate.toml" for number in range(3))
    for path in ("services", "./services", "services/"):
        assert _problems(path) == (f"is a folder; name the rules files in it: {named} and 2 more",)
    inside = "services/s1/loadgate.toml"
    assert _problems("services/s1") == (f"is a folder; name the file in it: {inside}",)
    Path("rate-limiting").mkdir()
    assert load_policy("rate-limiting").origins == ("preset rate-limiting",)


def test_an_empty_name_is_no_silent_default() -> None:
    """An empty variable in a CI script is an error that shows the empty name."""
    with pytest.raises(RulesError, match=r'^"": there is no preset "", and no such file'):
        load_policy("")


def test_a_link_that_leads_nowhere_is_no_missing_file() -> None:
    """A broken `loadgate.toml` stops the check; the preset would judge by other rules."""
    Path("loadgate.toml").symlink_to("gone.toml")
    assert _problems() == ("there is no such file",)


# --- thresholds of the command line, today --------------------------------------------------------


def test_thresholds_of_the_command_line_are_added() -> None:
    """They come behind those of the file."""
    _write(require="p95 < 1s")
    added = load_policy(thresholds=["rps > 1"])
    assert [(item.require, item.origin) for item in added.thresholds] == [
        ("p95 < 1s", "loadgate.toml"),
        ("rps > 1", "--threshold"),
    ]
    alone = load_policy("optimistic-locking", thresholds=["rps > 1"])
    assert [item.require for item in alone.thresholds] == ["rps > 1"]


def test_a_bad_threshold_of_the_command_line() -> None:
    """It is an error of usage, not of the rules."""
    with pytest.raises(UsageError, match=r"--threshold 'p95 < 1': .* such as 800ms"):
        load_policy(thresholds=["p95 < 1"])


def test_today() -> None:
    """Rules expire by the day that is given, else by today's in UTC."""
    assert load_policy(today=date(2027, 6, 30)).today == date(2027, 6, 30)
    before = datetime.now(UTC).date()
    assert before <= load_policy().today <= datetime.now(UTC).date()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone cannot be changed here")
@pytest.mark.parametrize("zone", ["AAA-14", "BBB12"], ids=["14-hours-ahead", "12-hours-behind"])
def test_today_is_the_same_everywhere(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule does not expire a day later where the clock of the machine is behind."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        before = datetime.now(UTC).date()
        assert before <= load_policy().today <= datetime.now(UTC).date()
    time.tzset()


def test_strict_rules_are_demanded_on_top() -> None:
    """No rule may be idle, expired or about to expire."""
    strict = [item.require for item in load_policy(strict_rules=True).thresholds]
    assert strict == [
        "idle_rules <= 0",
        "expired_rules <= 0",
        "expiring_rules <= 0",
    ]


# --- extends --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["", 'method = "POST"\n'])
def test_what_excuses_is_read_narrowly(method: str) -> None:
    """What may be another endpoint is none of a rule that excuses; for the rest it is meant."""
    endpoint = f'endpoint = "/**/state"\n{method}'
    Path("loadgate.toml").write_text(
        f'version = 1\n[[rules]]\nid = "a"\n{endpoint}status = 409\nwhy = "Lost race."\n'
        f'[[rules]]\nid = "b"\n{endpoint}status = 409\nas = "failure"\nwhy = "No race."\n'
        f'[[thresholds]]\nrequire = "p95 <= 1s"\n{endpoint}'
    )
    policy = load_policy()
    patterns = [*(rule.endpoint for rule in policy.rules), policy.thresholds[0].endpoint]
    for name, expected in (("/a/state", [True] * 3), ("/pay;x=/a/state", [False, True, True])):
        assert [one is not None and one.matches("POST", name) for one in patterns] == expected


def test_own_rules_come_first_then_depth_first() -> None:
    """Each extended file is followed by what it extends itself; thresholds and texts are added."""
    _write(
        rules=("own",),
        extends=("team/base.toml", "optimistic-locking"),
        require="p95 < 1s",
        text="own {status}",
    )
    _write("team/base.toml", rules=("base",), extends=("deep.json",), require="p95 < 2s")
    deep = {"version": 1, "status_texts": [{"text": "deep {status}"}]}
    Path("team/deep.json").write_text(json.dumps(deep), encoding="utf-8")
    policy = load_policy()
    base, deep_path = str(Path("team/base.toml")), str(Path("team/deep.json"))
    assert policy.origins == ("loadgate.toml", base, deep_path, PRESET)
    assert [(rule.id, rule.origin) for rule in policy.rules] == [
        ("own", "loadgate.toml"),
        ("base", base),
        ("optimistic-locking-conflict", PRESET),
    ]
    assert [item.require for item in policy.thresholds] == ["p95 < 1s", "p95 < 2s"]
    assert [item.text for item in policy.status_texts] == ["own {status}", "deep {status}"]


def test_own_rules_replace_extended_ones_wholly() -> None:
    """Of rules with the same id the first reached remains, at its own place."""
    _write(rules=("first", "same"), extends=("one.toml", "two.toml"))
    _write("one.toml", rules=("same", "both"), status=412)
    _write("two.toml", rules=("same", "last"), status=428)
    policy = load_policy()
    assert [(rule.id, rule.origin, rule.statuses) for rule in policy.rules] == [
        ("first", "loadgate.toml", frozenset({409})),
        ("same", "loadgate.toml", frozenset({409})),
        ("both", "one.toml", frozenset({412})),
        ("last", "two.toml", frozenset({428})),
    ]
    assert [(rule.id, rule.origin) for rule in policy.replaced] == [
        ("same", "one.toml"),
        ("same", "two.toml"),
    ]


@pytest.mark.parametrize(
    ("extends", "shared"),
    [
        pytest.param({"loadgate": ("a", "b")}, True, id="side-by-side"),
        pytest.param({"loadgate": ("c", "b"), "c": ("a",)}, True, id="deeper"),
        pytest.param({"loadgate": ("a", "b"), "b": ("a",)}, True, id="the-extended-one-first"),
        pytest.param({"loadgate": ("b", "a"), "b": ("a",)}, False, id="the-extending-one-first"),
        pytest.param({"loadgate": ("c", "a"), "c": ("b",), "b": ("a",)}, False, id="a-chain"),
        pytest.param({"loadgate": ("c",), "c": ("b",), "b": ("d",), "d": ("a",)}, False, id="long"),
    ],
)
def test_an_id_that_extended_files_share(
    extends: dict[str, tuple[str, ...]], *, shared: bool
) -> None:
    """One of the rules would be dropped, unless its file, or one above, replaces it on purpose."""
    files = {name: tuple(f"{one}.toml" for one in extends.get(name, ())) for name in "abcd"}
    own = tuple(f"{one}.toml" for one in extends["loadgate"])
    for name, others in files.items():
        _write(f"{name}.toml", rules=("same",) if name in "ab" else (), extends=others)
    _write(extends=own)
    if shared:
        (problem,) = _problems()
        assert ': rules[1] "same": id: ' in problem
        assert "loadgate.toml" in problem
    else:
        assert [rule.origin for rule in load_policy().rules] == ["b.toml"]
    _write(extends=own, rules=("same",))
    assert [rule.origin for rule in load_policy().rules] == ["loadgate.toml"]


def test_what_is_reached_twice_counts_once() -> None:
    """Two ways to one file, or to one preset, add its thresholds once."""
    _write(extends=("one.toml", "./one.toml", "two.toml", "optimistic-locking"))
    _write("one.toml", extends=("base.toml", "optimistic-locking"))
    _write("two.toml", extends=("base.toml",))
    _write("base.toml", require="p95 < 1s")
    policy = load_policy()
    assert policy.origins == ("loadgate.toml", "one.toml", "base.toml", PRESET, "two.toml")
    assert len(policy.thresholds) == 1


def test_a_circle() -> None:
    """Files that extend one another are an error that shows the way round."""
    _write("start.toml", extends=("a.toml",))
    _write("a.toml", extends=("b.toml",))
    _write("b.toml", extends=("a.toml",))
    assert _problems("start.toml") == (
        "b.toml: extends[1]: is circular: a.toml -> b.toml -> a.toml",
    )
    _write("self.toml", extends=("self.toml",))
    assert _problems("self.toml") == ("extends[1]: is circular: self.toml -> self.toml",)


def test_a_chain_has_an_end() -> None:
    """Ten files may extend one another, eleven may not."""
    for number in range(1, 11):
        _write(f"{number}.toml", extends=(f"{number + 1}.toml",))
    _write("11.toml")
    assert len(load_policy("2.toml").origins) == 10
    (problem,) = _problems("1.toml")
    assert problem.startswith("10.toml: extends[1]: more than 10 ")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        pytest.param(
            "optimistic-lock",
            "extends[1]: ",
            id="preset",
        ),
        pytest.param("gone.toml", "gone.toml: there is no such file", id="file"),
        pytest.param(
            "https://example.com/rules.toml",
            "extends[1]: ",
            id="url",
        ),
        pytest.param(
            "/rules.toml",
            "extends[1]: ",
            id="absolute",
            marks=pytest.mark.skipif("os.name == 'nt'", reason="it is relative to a drive there"),
        ),
        pytest.param("a\nb.toml", "extends[1]: ", id="control-character"),
    ],
)
def test_what_cannot_be_extended(name: str, problem: str, pinned: Pinned) -> None:
    """Each name that leads nowhere is a problem that says why."""
    _write(extends=(name,))
    (found,) = _problems()
    assert found.startswith(problem)
    pinned(found)


# --- problems -------------------------------------------------------------------------------------


def test_all_problems_of_all_files_at_once() -> None:
    """Own problems come first, sorted by place; those of an extended file follow under its name."""
    _write(rules=("a", "a"), extends=("bad.toml", "worse.toml", "nope"), require="p95 < 1")
    _write("bad.toml", rules=("b b",))
    Path("worse.toml").write_text("version = ", encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        load_policy()
    beginnings = (
        "loadgate.toml: 5 problems",
        '  loadgate.toml:2: extends[3]: there is no preset "nope"',
        '  loadgate.toml:9: rules[2] "a": id: is already the id of rules[1]',
        '  loadgate.toml:14: thresholds[1]: require: the value "1" does not fit',
        '  bad.toml:4: rules[1] "b b": id: must be 1 to 100 letters',
        "  worse.toml:1: is not valid TOML",
    )
    for line, beginning in zip(str(caught.value).splitlines(), beginnings, strict=True):
        assert line.startswith(beginning)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param(
            "r.toml", "version = 1\n[[rules]]\nid = 'a'\n\nwhyy = 'w'\nendpoint = '/x'\nstatus = 9\n",
            "r.toml: 2 problems\n"
            '  r.toml:5: rules[1] "a": unknown key "whyy"; did you mean "why"?\n'
            '  r.toml:7: rules[1] "a": status: must be from 100 to 599, not 9',
            id="an-unknown-key-and-a-value",
        ),
        pytest.param(
            "r.json", '{"version": 1,\n"rules": [],\n"thresholds":\n[{"require": "p95"}]}',
            "r.json:4: thresholds[1]: require: ", id="json",
        ),
        pytest.param(
            "r.json", '{"version": 1,\n"rules": [\n{}}', "r.json:3: is not valid JSON", id="cut-json"
        ),
        pytest.param("r.toml", "version = 1\nx = '", "r.toml:2: is not valid TOML", id="cut-toml"),
        pytest.param("r.toml", "extends = []", 'r.toml: file: needs the key "version"', id="no-line"),
        pytest.param(
            "r.toml", "version = 1\nextends = ['other.toml']", "r.toml: other.toml:2: version: must",
            id="an-extended-file",
        ),
    ],
)  # fmt: skip
def test_problems_name_the_line(name: str, text: str, message: str) -> None:
    """That of the key, or of the table where no key is to blame; none where it is the whole file."""
    Path("other.toml").write_text("\nversion = 2", encoding="utf-8")
    Path(name).write_text(text, encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        load_policy(name)
    assert str(caught.value).startswith(message)


def test_a_file_that_holds_only_problems_tells_the_first() -> None:
    """With their lines; beyond a thousand nobody counts."""
    entries = ",\n".join(["1"] * 2000)
    Path("x.json").write_text(f'{{"version": 1, "extends": [\n{entries}]}}', encoding="utf-8")
    with pytest.raises(RulesError) as caught:
        load_policy("x.json")
    lines = str(caught.value).splitlines()
    assert lines[0] == "x.json: over 50 problems"
    assert lines[2].startswith("  x.json:2: extends[1]: ")
    assert lines[-1] == "  and at least 951 more"


def test_sound_rules_cost_no_search_for_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check whose rules are fine reads them once."""
    monkeypatch.setattr("loadgate.rules.read_lines", None)
    assert load_policy(_write(rules=("a",))).rules


def test_extends_of_a_wrong_kind_is_not_followed() -> None:
    """Where the schema refuses names, only the others are looked up."""
    Path("loadgate.toml").write_text("version = 1\nextends = [1, 'nope.toml']", encoding="utf-8")
    assert [text.split(": ")[0] for text in _problems()] == ["extends[1]", "nope.toml"]
    Path("loadgate.toml").write_text("version = 1\nextends = 'x.toml'", encoding="utf-8")
    (problem,) = _problems()
    assert problem.startswith("extends: must be a list")


def test_a_file_that_is_no_table() -> None:
    """JSON may hold a list; that is one problem."""
    Path("list.json").write_text("[1]", encoding="utf-8")
    (problem,) = _problems("list.json")
    assert problem.startswith("file: must be a table")


def test_examples_name_rules_that_are_there() -> None:
    """A rule of an extended file counts; one of none is a problem, under the name of its file."""
    example = '[[examples]]\nendpoint = "POST /x"\nerror = "x"\nexpect = "expected"\nrule = "{}"\n'
    Path("own.toml").write_text(
        'version = 1\nextends = ["base.toml"]\n' + example.format("base") + example.format("bsae"),
        encoding="utf-8",
    )
    base = _write("base.toml", rules=("base",))
    with Path(base).open("a", encoding="utf-8") as file:
        file.write("\n" + example.format("zzz"))
    own, extended = _problems("own.toml")
    assert own.startswith("examples[2]: rule: ")
    assert '"bsae"' in own
    assert '"base"' in own
    assert extended.startswith("base.toml: examples[1]: rule: ")
    assert '"zzz"' in extended


def test_a_file_of_nothing_but_problems_is_named() -> None:
    """Beyond a thousand problems nobody reads on, and the error says in which file."""
    Path("many.toml").write_text(f"version = 1\nextends = {[1] * 2000}", encoding="utf-8")
    with pytest.raises(RulesError, match=r"^many\.toml: "):
        load_policy("many.toml")


def test_problems_are_bounded() -> None:
    """The first fifty are shown, the rest are a number."""
    _write(rules=tuple(f"b{number} b" for number in range(60)))
    problems = _problems()
    assert len(problems) == 51
    assert problems[-1] == "and 10 more"


_KEYS = st.sampled_from([
    "id", "endpoint", "method", "status", "error", "as", "why", "at_most", "owner", "expires",
    "require", "optional", "min_requests", "confidence", "severity", "text", "expect", "x",
])  # fmt: skip
_WORDS = st.sampled_from([
    "a", "POST /x", "post /x", "expected", "failure", "25%", "900%", "2027-06-30", "2027-13-01",
    "p95 <= 1s", "rps > 1", "task_exceptions < 1", "got {status}", "", " ", "\x1b", "\n",
])  # fmt: skip
_VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _WORDS)
_TABLES = st.dictionaries(_KEYS, st.one_of(_VALUES, st.lists(_VALUES, max_size=3)))
_SECTIONS = st.one_of(_VALUES, st.lists(st.one_of(_VALUES, _TABLES), max_size=3))
_FILES = st.dictionaries(
    st.sampled_from(["version", "extends", "rules", "thresholds", "status_texts", "examples"]),
    _SECTIONS,
)


@given(_FILES)
def test_any_file_is_a_policy_or_an_error(document: dict[str, object]) -> None:
    """Whatever stands at whatever key, the answer is a policy or problems, each on one line."""
    Path("any.json").write_text(json.dumps(document), encoding="utf-8")
    try:
        policy = load_policy("any.json")
    except RulesError as error:
        problems = error.problems
    else:
        problems = ("none",)
        assert policy.thresholds
        assert all(rule.why and (rule.statuses or rule.globs) for rule in policy.rules)
    assert problems
    assert all(problem.isprintable() for problem in problems)


def test_a_name_that_no_file_can_have() -> None:
    """A name longer than file systems take is a file that is not there, not a crash."""
    for ending, problem in ((".toml", "there is no such file"), ("", "no preset .* no such file")):
        with pytest.raises(RulesError, match=problem):
            load_policy("x" * 300 + ending)
