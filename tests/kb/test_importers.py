"""Content files: read whole, or refused with file and line."""

from pathlib import Path

import pytest

from kb.errors import ContentError
from kb.importers.articles import read_articles, read_questions

GOOD = """\
- key: returns
  tags: [returns, refund]
  texts:
    en:
      title: Returns
      questions: ["Can I send it back?"]
      text: |
        Within **30 days**.

        - tags on
    zh: {title: 退货, text: 30 天内。, spoken: 三十天内。}
"""


def problems(path: Path, content: str | bytes) -> list[str]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ContentError) as refused:
        read_articles(path)
    return [f"{problem.line} {problem.message}" for problem in refused.value.problems]


def test_articles_are_read_as_written(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (article,) = read_articles(tmp_path)
    assert (article.key, article.tags, article.audience) == ("returns", ("returns", "refund"), "public")
    assert article.where == f"{tmp_path / 'a.yaml'}:1"
    assert article.texts["en"].text == "Within **30 days**.\n\n- tags on\n"
    assert article.texts["zh"].spoken == "三十天内。"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("key: x", ["1 the file must be a list"]),
        ("- key: a\n  texts: {en: {title: A}}\n", ["2 a: en needs 'text'"]),
        ("- texts: {en: {title: A, text: B}}\n", ["1 an article needs 'key'"]),
        ("- key: a\n", ["1 an article needs 'texts'"]),
        ("- key: a\n  colour: red\n  texts: {en: {title: A, text: B}}\n",
         ["2 an article has no field 'colour'; it has audience, key, tags, texts, url"]),
        ("- key: a\n  audience: staff\n  texts: {en: {title: A, text: B}}\n",
         ["2 audience is 'staff'; it is public or verified"]),
        ("- key: a\n  texts: {english: {title: A, text: B}}\n" * 2, ["3 key 'a' was used before, at FILE:1"]),
        ("- key: a\n  texts: {en_GB: {title: A, text: B}}\n",
         ["2 a: language 'en_GB' is no BCP 47 primary tag, such as en or zh"]),
        ("- key: a\n  texts:\n    en:\n      title: A\n      text: [1]\n", ["5 a: en: text must be a text"]),
        ("- key: a\n  tags: one\n  texts: {en: {title: A, text: B}}\n", ["2 tags must be a list"]),
        ("- key: [\n", ["2 is not valid YAML: expected the node content, but found '<stream end>'"]),
        (b"\xff\xfe\x00", ["0 is not UTF-8 text (byte 0)"]),
        (b"- key: \x00", ["0 is not valid YAML"]),
        ("[" * 3000, ["0 is nested too deeply"]),
    ],
)  # fmt: skip
def test_mistake_is_named_with_its_line(tmp_path: Path, content: str | bytes, expected: list[str]) -> None:
    path = tmp_path / "a.yaml"
    said = [line.replace(str(path), "FILE") for line in problems(path, content)]
    assert len(said) == len(expected)
    assert all(line.startswith(start) for line, start in zip(said, expected, strict=True)), said


def test_every_mistake_of_every_file_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- key: a\n- 7\n")
    (tmp_path / "b.yaml").write_text("- texts: {}\n")
    with pytest.raises(ContentError) as refused:
        read_articles(tmp_path, tmp_path / "none.yaml")
    assert [Path(problem.file).name for problem in refused.value.problems] == [
        "a.yaml",
        "a.yaml",
        "b.yaml",
        "none.yaml",
    ]


def test_questions_name_articles_that_exist(tmp_path: Path) -> None:
    path = tmp_path / "questions.yaml"
    path.write_text(
        "- {q: send back, article: returns, language: en, use: fit}\n"
        "- {q: hm, article: null, language: zh, use: check}\n"
    )
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.yaml").write_text(GOOD)
    articles = read_articles(tmp_path / "articles")
    assert [question.article for question in read_questions(path, articles=articles)] == ["returns", None]
    path.write_text("- {q: a, article: nothing, language: en, use: train}\n- {q: b}\n")
    with pytest.raises(ContentError) as refused:
        read_questions(path, articles=articles)
    assert [problem.line for problem in refused.value.problems] == [1, 1, 2, 2, 2]
