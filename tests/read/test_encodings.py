"""Files in the code pages of Windows: their names match rules, and outputs can be read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import WriteRun

from loadgate import load_policy, read_run
from loadgate.classify import classify
from loadgate.cli import cli
from loadgate.errors import ResultError, UsageError
from loadgate.gate import evaluate
from loadgate.model import Run
from loadgate.read import encodings
from loadgate.render import render

CHINESE = ["/用户登录", "/获取订单列表", "/创建订单", "/查询库存", "/删除购物车", "/商品详情"]
KOREAN = ["/로그인", "/주문 목록 조회", "/재고 확인", "/장바구니 삭제", "/상품 상세", "/검색"]
WESTERN = ["/café", "/créer–compte", "/détails", "/größe", "/año", "/réservation"]
LANGUAGES = [
    pytest.param("gbk", CHINESE, id="gbk"),
    pytest.param("cp949", KOREAN, id="cp949"),
    pytest.param("cp1252", WESTERN, id="cp1252"),
]


def saved(path: Path, encoding: str) -> None:
    """Save a file in another encoding."""
    path.write_bytes(path.read_text("utf-8").encode(encoding))


def run_of(write_run: WriteRun, names: list[str], *encoded: str, text: str = "got 409") -> Path:
    """Write a run with these names, its statistics and failures each in an encoding."""
    stats = write_run(
        [("POST", f"{name}/state", 100, 2) for name in names],
        [("POST", f"{name}/state", f"Expected [200], {text}", 2) for name in names],
    )
    for file, encoding in zip((stats, failures_of(stats)), encoded * 2, strict=False):
        saved(file, encoding)
    return stats


def failures_of(stats: Path) -> Path:
    """Return the failures file beside the statistics."""
    return stats.with_name(stats.name.replace("stats", "failures"))


def names_in(run: Run) -> list[str]:
    """Return the names of the endpoints, which the failures must have, too."""
    names = [row.name.removesuffix("/state") for row in run.endpoints]
    assert run.failure_log is not None
    assert [row[1].removesuffix("/state") for row in run.failure_log.rows([])] == names
    return names


@pytest.mark.parametrize(("encoding", "names"), LANGUAGES)
def test_names_in_a_code_page(
    write_run: WriteRun, tmp_path: Path, encoding: str, names: list[str]
) -> None:
    """A rule matches them, outputs print them, and a warning names the guess."""
    stats = run_of(write_run, names, encoding)
    run = read_run(stats)
    assert names_in(run) == names
    (warning,) = run.warnings
    guessed = encoding.upper().replace("GBK", "GB18030")
    for told in ("run_stats.csv and run_failures.csv", guessed, "--encoding"):
        assert told in warning
    rules = tmp_path / "rules.toml"
    rules.write_text(
        'version = 1\n[[rules]]\nid = "one"\nwhy = "By design."\nstatus = 409\n'
        f'endpoint = "POST {names[0]}/state"\n',
        encoding="utf-8",
    )
    policy = load_policy(str(rules))
    verdict = evaluate(classify(run, policy), policy)
    assert verdict.classification.total.expected == 2
    for form in ("text", "markdown", "json"):
        assert names[0] in render(verdict, form)


@pytest.mark.parametrize(("encoding", "names"), LANGUAGES)
def test_a_named_encoding(write_run: WriteRun, encoding: str, names: list[str]) -> None:
    """Nothing is guessed, of however little text, and nothing is warned of."""
    stats = run_of(write_run, names[:1], encoding)
    run = read_run(stats, encoding=encoding)
    assert names_in(run) == names[:1]
    assert run.warnings == ()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_unicode_is_never_a_guess(write_run: WriteRun, encoding: str) -> None:
    """By its mark, or by a zero beside each of the first characters; whatever --encoding says."""
    stats = run_of(write_run, CHINESE, encoding)
    for named in (None, "cp1252"):
        run = read_run(stats, encoding=named)
        assert names_in(run) == CHINESE
        assert run.warnings == ()


@pytest.mark.parametrize("name", ["/café", "/état", "/naïve/é", "/größe"])
def test_a_single_western_name(write_run: WriteRun, name: str) -> None:
    """It is not taken for one with a Cyrillic letter among Latin ones."""
    assert names_in(read_run(run_of(write_run, [name], "cp1252"))) == [name]


def test_a_few_names_of_a_large_file_decide_for_the_small_one(write_run: WriteRun) -> None:
    """The files of a run have one encoding, so that a single name in one of them agrees."""
    stats = write_run(
        [("POST", name, 100, 2) for name in KOREAN],
        [("POST", KOREAN[0], "got 409", 2)],
    )
    saved(stats, "cp949")
    saved(failures_of(stats), "cp949")
    run = read_run(stats)
    assert run.failure_log is not None
    assert [row[1] for row in run.failure_log.rows([])] == [run.endpoints[0].name] == KOREAN[:1]


def test_text_that_is_sound_utf_8_by_accident(write_run: WriteRun) -> None:
    """Two Chinese characters may be; what else is in the files of the run says what they are."""
    accident = next(
        a + b
        for a in "一乙二十丁厂七卜人入八九几儿了力乃刀又三于干亏士工土才寸下大丈与万上小口巾山千乞川亿"
        for b in "统通同童桶"
        if _is_utf_8((a + b).encode("gbk"))
    )
    stats = write_run(
        [("POST", name, 100, 2) for name in [*CHINESE, f"/{accident}"]],
        [("POST", f"/{accident}", "got 409", 2)],
    )
    saved(stats, "gbk")
    saved(failures_of(stats), "gbk")
    run = read_run(stats)
    assert run.failure_log is not None
    assert [row[1] for row in run.failure_log.rows([])] == [f"/{accident}"]


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_one_file_was_saved_in_a_code_page(write_run: WriteRun) -> None:
    """Each file that shows what it is has its own encoding: names agree all the same."""
    run = read_run(run_of(write_run, CHINESE, "gbk", "utf-8"))
    assert names_in(run) == CHINESE
    assert run.warnings[0].startswith("run_stats.csv is not")
    assert "GB18030" in run.warnings[0]


def test_a_single_bad_byte_keeps_utf_8(write_run: WriteRun) -> None:
    """It is shown as an escape, and told; all other text is what it was."""
    stats = run_of(write_run, WESTERN[:2], "utf-8")
    with failures_of(stats).open("ab") as file:
        file.write(b"GET,/x,boom \xe9!,1\r\n")
    run = read_run(stats)
    assert [row.name for row in run.endpoints] == [f"{name}/state" for name in WESTERN[:2]]
    assert run.failure_log is not None
    assert [*run.failure_log.rows([])][-1] == ("GET", "/x", "boom \\xe9!", 1)
    (warning,) = run.warnings
    assert "run_failures.csv is UTF-8 except" in warning
    assert "\\xe9" in warning


def test_a_file_that_is_cut_in_a_character_is_utf_8(tmp_path: Path) -> None:
    """Half a character at the end says nothing against it."""
    path = tmp_path / "x.csv"
    for cut in (1, 2):
        path.write_bytes("a\r\né€".encode()[:-cut])
        assert encodings.encodings_of([str(path)]) == ({}, [])


def test_text_that_no_candidate_fits(write_run: WriteRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes stay escapes, the same in every file."""
    monkeypatch.setattr(encodings, "_CANDIDATES", ("ascii",))
    run = read_run(run_of(write_run, WESTERN[:1], "cp1252"))
    assert names_in(run) == ["/caf\\xe9"]
    assert "\\xe9" in run.warnings[0]


def test_files_of_any_size_need_bounded_memory(
    write_run: WriteRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of the lines that are not ASCII is enough for a guess."""
    monkeypatch.setattr(encodings, "_BLOCK", 100)
    monkeypatch.setattr(encodings, "_ENOUGH", 400)
    monkeypatch.setattr(encodings, "_SAMPLE", 300)
    assert names_in(read_run(run_of(write_run, CHINESE, "gbk"))) == CHINESE


@pytest.mark.parametrize(
    ("of", "name"), [("cp1252", "CP1252"), ("gb18030", "GB18030")], ids=["western", "chinese"]
)
def test_utf_8_that_was_saved_twice(write_run: WriteRun, of: str, name: str) -> None:
    """The names are what they are, so that no rule matches, and the warning says why."""
    stats = run_of(write_run, ["/délai"], "utf-8")
    spoiled = "/délai" if of == "cp1252" else "/用户登录系统"
    stats = run_of(write_run, [spoiled], "utf-8")
    for file in (stats, failures_of(stats)):
        text = file.read_bytes().decode(of)
        file.write_bytes(text.encode("utf-8"))
    warnings = read_run(stats).warnings
    assert f"was read as {name} and saved as UTF-8: it has" in warnings[0]
    assert f"instead of {spoiled[2:3] if of == 'cp1252' else spoiled[1:]!r}" in warnings[0]


@pytest.mark.parametrize(
    "name", ["klingon", "rot13", "hz", "utf-7", "iso2022_jp", "unicode_escape", "idna", "", "a\0b"]
)
def test_encodings_that_no_file_has(write_run: WriteRun, name: str) -> None:
    """A name that is none, or an encoding in which a comma may be part of a name."""
    with pytest.raises(UsageError, match="is not an encoding"):
        read_run(write_run(), encoding=name)


def test_an_encoding_that_does_not_fit(write_run: WriteRun) -> None:
    """Most lines must be what the option says; a damaged one is told."""
    stats = run_of(write_run, CHINESE, "gbk")
    for name in ("utf-8", "ascii", "utf-16"):
        with pytest.raises(ResultError, match=f"run_stats.csv: is not {name}, as --encoding says"):
            read_run(stats, encoding=name)
    with failures_of(stats).open("ab") as file:
        file.write(b"GET,/x,boom \xff!,1\r\n")
    run = read_run(stats, encoding="gbk")
    assert "run_failures.csv has bytes that are not gbk" in run.warnings[0]
    assert run.failure_log is not None
    assert [*run.failure_log.rows([])][-1][2] == "boom \\xff!"


def test_a_document_in_a_code_page(tmp_path: Path) -> None:
    """JSON that a tool wrote is read like CSV; Locust's own is ASCII, and its HTML UTF-8."""
    entry = {"name": "", "method": "GET", "num_requests": 1, "num_failures": 0}
    entries = [{**entry, "name": name, "response_times": {}} for name in WESTERN]
    path = tmp_path / "run.json"
    path.write_bytes(json.dumps(entries, ensure_ascii=False).encode("cp1252"))
    for named in (None, "cp1252"):
        assert [row.name for row in read_run(path, encoding=named).endpoints] == WESTERN


def test_a_document_with_a_bad_byte(tmp_path: Path) -> None:
    """It is UTF-8 all the same, and what the byte was is not known."""
    path = tmp_path / "run.json"
    entry = {"name": "/café ?", "method": "GET", "num_requests": 1, "num_failures": 0}
    text = json.dumps([{**entry, "response_times": {}}], ensure_ascii=False)
    path.write_bytes(text.replace("café", "éé").encode().replace(b"?", b"\xff"))
    run = read_run(path)
    assert run.endpoints[0].name == "/éé \ufffd"
    assert "such as \\xff" in run.warnings[0]


def test_a_document_in_a_named_encoding_with_a_bad_byte(tmp_path: Path) -> None:
    """Most lines are what the option says, so that one does not stop it."""
    path = tmp_path / "run.json"
    entry = {"method": "GET", "num_requests": 1, "num_failures": 0, "response_times": {}}
    entries = [{**entry, "name": name} for name in [*CHINESE, "/?"]]
    text = json.dumps(entries, ensure_ascii=False, indent=1)
    path.write_bytes(text.encode("gbk").replace(b"?", b"\xff"))
    run = read_run(path, encoding="gbk")
    assert [row.name for row in run.endpoints] == [*CHINESE, "/\ufffd"]
    assert "has bytes that are not gbk" in run.warnings[0]


COMMANDS = [
    ["check", "RUN", "--rules", "optimistic-locking"],
    ["explain", "RUN"],
    ["compare", "RUN", "RUN"],
    ["rules", "suggest", "RUN"],
    ["rules", "lint", "optimistic-locking", "--run", "RUN"],
    ["report", "RUN", "--since", "2026-01-01", "--until", "2026-12-31"],
    ["init", "RUN", "--file", "FOLDER/new.toml"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_the_option_of_every_command(
    write_run: WriteRun, tmp_path: Path, command: list[str]
) -> None:
    """Wherever runs are read, `--encoding` says how."""
    stats = run_of(write_run, ["/é"], "cp1252", text="boom")
    asked = [part.replace("RUN", str(stats)).replace("FOLDER", str(tmp_path)) for part in command]
    told = CliRunner().invoke(cli, [*asked, "--encoding", "cp1252"])
    assert told.exit_code in {0, 1}, told.output
    written = tmp_path / "new.toml"
    text = told.output + (written.read_text("utf-8") if written.exists() else "")
    assert "a guess" not in text
    assert "\\xe9" not in text
    refused = CliRunner().invoke(cli, [*asked, "--encoding", "utf-16"])
    assert "is not utf-16" in str(refused.exception) + refused.output


def test_the_baseline_has_the_encoding_too(write_run: WriteRun) -> None:
    """As it is the same test that wrote it."""
    stats = run_of(write_run, ["/é"], "cp1252")
    asked = ["check", str(stats), "--baseline", str(stats), "--encoding"]
    assert "a guess" not in CliRunner().invoke(cli, [*asked, "cp1252"]).output
    refused = CliRunner().invoke(cli, [*asked, "utf-16"])
    assert "is not utf-16" in str(refused.exception)


def test_no_guess_is_imported_for_utf_8(write_run: WriteRun) -> None:
    """It takes time that a check of UTF-8 need not wait for."""
    stats = run_of(write_run, CHINESE, "utf-8")
    code = "import sys, loadgate; loadgate.read_run(sys.argv[1]); print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code, str(stats)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "loadgate.read.encodings" in modules
    assert {"charset_normalizer", "gzip"}.isdisjoint(modules)


def test_a_code_page_with_a_mark_of_utf_8(write_run: WriteRun) -> None:
    """The mark that a tool put before it says nothing of what follows."""
    stats = run_of(write_run, WESTERN, "cp1252")
    stats.write_bytes(b"\xef\xbb\xbf" + stats.read_bytes())
    assert names_in(read_run(stats)) == WESTERN
