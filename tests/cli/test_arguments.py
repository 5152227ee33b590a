"""Arguments: any order, lists that repeat, and refusals that say what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.arguments import read_arguments
from cli.errors import CommandError, RefusalCode, WrongArgumentsError


def test_metrics__takes_several_values_and_repeated_options() -> None:
    read = read_arguments(
        "metrics",
        ["a", "b", "--metric", "D95%[Gy]", "Mean[Gy]", "--structure", "Lung L", "--metric", "Max[Gy]"],
    )
    assert read.paths == ["a", "b"]
    assert read.metric == ["D95%[Gy]", "Mean[Gy]", "Max[Gy]"]
    assert read.structure == ["Lung L"]


def test_metrics__takes_paths_between_and_behind_options() -> None:
    read = read_arguments(
        "metrics", ["a", "--json", "-", "b", "--prescription", "50.4", "c", "--metric", "Min[Gy]"]
    )
    assert (read.paths, read.json, read.prescription) == (["a", "b", "c"], "-", 50.4)


def test_metrics__takes_paths_after_a_double_dash() -> None:
    read = read_arguments("metrics", ["--metric", "Min[Gy]", "Max[Gy]", "--", "folder"])
    assert (read.metric, read.paths) == (["Min[Gy]", "Max[Gy]"], ["folder"])


def test_metrics__gives_an_existing_path_behind_a_list_back(tmp_path: Path) -> None:
    read = read_arguments("metrics", ["--metric", "Min[Gy]", "Max[Gy]", str(tmp_path), "--json", "-"])
    assert (read.metric, read.paths) == (["Min[Gy]", "Max[Gy]"], [str(tmp_path)])


def test_metrics__keeps_a_value_that_is_also_a_path_where_a_path_was_given(tmp_path: Path) -> None:
    read = read_arguments(
        "metrics", ["dose", "--structure", str(tmp_path), str(tmp_path), "--metric", "Min[Gy]"]
    )
    assert read.structure == [str(tmp_path), str(tmp_path)]


@given(
    metrics=st.lists(st.sampled_from(["D95%[Gy]", "V20Gy[%]", "Mean[Gy]", "CV20Gy[cc]"]), min_size=1),
    cuts=st.lists(st.booleans(), min_size=20, max_size=20),
)
def test_metrics__reads_the_same_however_the_list_is_cut(metrics: list[str], cuts: list[bool]) -> None:
    arguments = ["folder", "--metric", metrics[0]]
    for metric, cut in zip(metrics[1:], cuts * len(metrics), strict=False):
        arguments += ["--metric", metric] if cut else [metric]
    assert read_arguments("metrics", arguments).metric == metrics


@pytest.mark.parametrize("dose", ["0", "-3", "nan", "inf", "-inf", "1e999", "fifty", ""])
def test_prescription__must_be_a_dose_above_zero(dose: str) -> None:
    with pytest.raises(CommandError, match="--prescription") as refusal:
        read_arguments("metrics", ["folder", "--metric", "Mean[%]", f"--prescription={dose}"])
    assert refusal.value.code is RefusalCode.PRESCRIPTION_INVALID


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "8.5"])
def test_port__must_be_one(port: str) -> None:
    with pytest.raises(WrongArgumentsError, match="--port"):
        read_arguments("serve", [f"--port={port}"])


@pytest.mark.parametrize("seed", ["-1", "1.5", "one"])
def test_seed__must_be_a_whole_number(seed: str) -> None:
    with pytest.raises(WrongArgumentsError, match="--seed"):
        read_arguments("demo", ["folder", f"--seed={seed}"])


@pytest.mark.parametrize(
    ("subcommand", "arguments", "said"),
    [
        ("check", [], "PATH is missing"),
        ("check", ["--json", "-"], "PATH is missing"),
        ("metrics", ["folder"], "--metric"),
        ("metrics", ["folder", "--metric"], "--metric"),
        ("check", ["folder", "--wrong"], "--wrong"),
        ("check", ["folder", "--prot", "x"], "--prot"),
    ],
)
def test_arguments__that_do_not_fit_are_named(subcommand: str, arguments: list[str], said: str) -> None:
    with pytest.raises(WrongArgumentsError, match=said) as refusal:
        read_arguments(subcommand, arguments)
    assert f"dosegate {subcommand} --help" in refusal.value.message
