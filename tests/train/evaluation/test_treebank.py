"""Minimal pairs out of a treebank: by what is annotated, with forms that the treebank itself has."""

from __future__ import annotations

from pathlib import Path

import pytest

from train.errors import DataError
from train.evaluation.suite import own_tasks
from train.evaluation.treebank import read_treebank

SENTENCES = """\
# text = O dono do cinema vendeu os bancos novos.
1\tO\to\tDET\t_\tGender=Masc|Number=Sing\t2\tdet\t_\t_
2\tdono\tdono\tNOUN\t_\tGender=Masc|Number=Sing\t6\tnsubj\t_\t_
3-4\tdo\t_\t_\t_\t_\t_\t_\t_\t_
3\tde\tde\tADP\t_\t_\t5\tcase\t_\t_
4\to\to\tDET\t_\tGender=Masc|Number=Sing\t5\tdet\t_\t_
5\tcinema\tcinema\tNOUN\t_\tGender=Masc|Number=Sing\t2\tnmod\t_\t_
6\tvendeu\tvender\tVERB\t_\tMood=Ind|Number=Sing|Person=3|Tense=Past|VerbForm=Fin\t0\troot\t_\t_
7\tos\to\tDET\t_\tGender=Masc|Number=Plur\t8\tdet\t_\t_
8\tbancos\tbanco\tNOUN\t_\tGender=Masc|Number=Plur\t6\tobj\t_\t_
9\tnovos\tnovo\tADJ\t_\tGender=Masc|Number=Plur\t8\tamod\t_\t_
10\t.\t.\tPUNCT\t_\t_\t6\tpunct\t_\t_

# text = As irmãs venderam as casas novas.
1\tAs\to\tDET\t_\tGender=Fem|Number=Plur\t2\tdet\t_\t_
2\tirmãs\tirmã\tNOUN\t_\tGender=Fem|Number=Plur\t3\tnsubj\t_\t_
3\tvenderam\tvender\tVERB\t_\tMood=Ind|Number=Plur|Person=3|Tense=Past|VerbForm=Fin\t0\troot\t_\t_
4\tas\to\tDET\t_\tGender=Fem|Number=Plur\t5\tdet\t_\t_
5\tcasas\tcasa\tNOUN\t_\tGender=Fem|Number=Plur\t3\tobj\t_\t_
6\tnovas\tnovo\tADJ\t_\tGender=Fem|Number=Plur\t5\tamod\t_\t_
7\t.\t.\tPUNCT\t_\t_\t3\tpunct\t_\t_
"""


@pytest.fixture
def treebank(tmp_path: Path) -> Path:
    path = tmp_path / "arvores.conllu"
    path.write_text(SENTENCES, encoding="utf-8")
    return path


def test_pairs_follow_the_annotation(treebank: Path) -> None:
    number, gender = own_tasks(["pt_number", "pt_gender"], treebank, seed=0, limit=None)
    wrong = {item.choices[1 - item.gold] for item in number.items}
    # "novos" has no singular in this treebank, so it gives no pair of number.
    assert wrong == {"O dono do cinema venderam os bancos novos.", "As irmãs vendeu as casas novas."}
    wrong = {item.choices[1 - item.gold] for item in gender.items}
    assert wrong == {
        "O dono do cinema vendeu as bancos novos.",
        "O dono do cinema vendeu os bancos novas.",
        "Os irmãs venderam as casas novas.",
        "As irmãs venderam os casas novas.",
        "As irmãs venderam as casas novos.",
    }


def test_the_words_within_a_contraction_have_no_place_of_their_own(treebank: Path) -> None:
    (_, tokens), _ = read_treebank(treebank)
    assert [token.form for token in tokens if token.form] == [
        "O",
        "dono",
        "do",
        "cinema",
        "vendeu",
        "os",
        "bancos",
        "novos",
        ".",
    ]


def test_a_file_of_another_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "outro.conllu"
    path.write_text("# text = Oi.\n1 Oi\n\n", encoding="utf-8")
    with pytest.raises(DataError, match="ten columns"):
        read_treebank(path)
