"""Dose-volume metrics in TG-263 style, such as `D95%[Gy]` or `V20Gy[cc]`: parsing only."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum

from dosimetry.errors import ExpressionError


class MetricKind(StrEnum):
    """What a metric measures; the value is its spelling in an expression."""

    DOSE_AT_VOLUME = "D"
    VOLUME_AT_DOSE = "V"
    COMPLEMENTARY_VOLUME = "CV"
    MEAN = "Mean"
    MINIMUM = "Min"
    MAXIMUM = "Max"
    VOLUME = "Volume"


class Unit(StrEnum):
    """Units; percent is of the prescription for doses and of the structure for volumes."""

    GY = "Gy"
    PERCENT = "%"
    CC = "cc"


_ARGUMENT_UNITS: dict[MetricKind, tuple[Unit, ...]] = {
    MetricKind.DOSE_AT_VOLUME: (Unit.PERCENT, Unit.CC),
    MetricKind.VOLUME_AT_DOSE: (Unit.GY, Unit.PERCENT),
    MetricKind.COMPLEMENTARY_VOLUME: (Unit.GY, Unit.PERCENT),
    MetricKind.MEAN: (),
    MetricKind.MINIMUM: (),
    MetricKind.MAXIMUM: (),
    MetricKind.VOLUME: (),
}

_DOSE_UNITS = (Unit.GY, Unit.PERCENT)
_RESULT_UNITS: dict[MetricKind, tuple[Unit, ...]] = {
    MetricKind.DOSE_AT_VOLUME: _DOSE_UNITS,
    MetricKind.VOLUME_AT_DOSE: (Unit.PERCENT, Unit.CC),
    MetricKind.COMPLEMENTARY_VOLUME: (Unit.PERCENT, Unit.CC),
    MetricKind.MEAN: _DOSE_UNITS,
    MetricKind.MINIMUM: _DOSE_UNITS,
    MetricKind.MAXIMUM: _DOSE_UNITS,
    MetricKind.VOLUME: (Unit.CC,),
}


@dataclass(frozen=True)
class Metric:
    """A parsed expression; equal metrics have equal text.

    Parameters
    ----------
    kind
        What is measured.
    argument, argument_unit
        The volume of `D`, the dose of `V` and `CV`; None for the others.
    unit
        Unit of the result.
    """

    kind: MetricKind
    argument: float | None
    argument_unit: Unit | None
    unit: Unit

    @property
    def needs_prescription(self) -> bool:
        """Whether a percent in it is percent of a prescribed dose."""
        is_dose = _RESULT_UNITS[self.kind] is _DOSE_UNITS
        asks_dose = self.kind in (MetricKind.VOLUME_AT_DOSE, MetricKind.COMPLEMENTARY_VOLUME)
        return (is_dose and self.unit is Unit.PERCENT) or (asks_dose and self.argument_unit is Unit.PERCENT)

    @property
    def needs_dose(self) -> bool:
        """Whether a dose is needed at all."""
        return self.kind is not MetricKind.VOLUME

    def __str__(self) -> str:
        argument = "" if self.argument is None else f"{_plain(self.argument)}{self.argument_unit}"
        return f"{self.kind}{argument}[{self.unit}]"


def parse_metric(text: str) -> Metric:
    """Read one metric expression.

    Kinds are `D`, `V`, `CV`, `Mean`, `Min`, `Max` and `Volume`. `D` takes a volume (`95%`, `0.03cc`)
    and gives a dose (`[Gy]`, `[%]`); `V` and `CV` take a dose (`20Gy`, `95%`) and give a volume (`[%]`,
    `[cc]`); `Mean`, `Min` and `Max` give a dose; `Volume` gives `[cc]`. Upper and lower case matter.
    Numbers are plain decimals (no sign, no exponent, point as decimal mark). Spaces between parts are
    ignored; nothing else is.

    `V20Gy` is the volume that receives 20 Gy or more, `CV20Gy` the volume that receives less.

    Returns
    -------
    The metric, whose `str` is the canonical text.

    Raises
    ------
    ExpressionError
        With the position and what was expected there. Impossible ones are wrong too: `D120%`, `D0%`, `D0cc`
        (the dose to no volume is `Max`).
    """
    scanner = _Scanner(text)
    kind = scanner.kind()
    argument, argument_unit = scanner.argument(kind)
    unit = scanner.result_unit(kind)
    scanner.end()
    return Metric(kind, argument, argument_unit, unit)


class _Scanner:
    """Reads a text from left to right and knows where it stands."""

    _NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
    _WORD = re.compile(r"[A-Za-z]+")

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.skip_spaces()

    def skip_spaces(self) -> None:
        while self.text[self.position : self.position + 1] == " ":
            self.position += 1

    def fail(self, reason: str, position: int | None = None) -> ExpressionError:
        return ExpressionError(self.text, self.position if position is None else position, reason)

    def kind(self) -> MetricKind:
        found = self._WORD.match(self.text, self.position)
        word = found.group() if found else ""
        for kind in MetricKind:
            if word == kind.value:
                self.position += len(word)
                return kind
        close = [kind.value for kind in MetricKind if kind.value.lower() == word.lower()]
        if close:
            raise self.fail(f"write '{close[0]}', not '{word}' (case matters)")
        raise self.fail(f"expected one of {', '.join(MetricKind)}")

    def argument(self, kind: MetricKind) -> tuple[float | None, Unit | None]:
        units = _ARGUMENT_UNITS[kind]
        if not units:
            return None, None
        self.skip_spaces()
        start = self.position
        value = self.number(f"a number after '{kind}', such as {kind}{_EXAMPLE[kind]}")
        unit = self.unit(units)
        self.check_possible(kind, value, unit, start)
        return value, unit

    def number(self, expected: str) -> float:
        found = self._NUMBER.match(self.text, self.position)
        if not found:
            raise self.fail(f"expected {expected}")
        value = float(found.group())
        if not math.isfinite(value):
            raise self.fail("this number is too large")
        self.position = found.end()
        return value

    def unit(self, allowed: tuple[Unit, ...]) -> Unit:
        self.skip_spaces()
        choices = " or ".join(f"'{unit}'" for unit in allowed)
        for unit in allowed:
            if self.text.startswith(unit.value, self.position):
                self.position += len(unit.value)
                return unit
        for unit in allowed:
            if self.text[self.position : self.position + len(unit.value)].lower() == unit.value.lower():
                raise self.fail(f"write '{unit}' (case matters)")
        raise self.fail(f"expected the unit {choices}")

    def check_possible(self, kind: MetricKind, value: float, unit: Unit, start: int) -> None:
        if kind is not MetricKind.DOSE_AT_VOLUME:
            return
        if value == 0:
            raise self.fail("a volume above 0 is needed; the highest dose is Max", start)
        if unit is Unit.PERCENT and value > 100:
            raise self.fail("at most 100 % of a structure can receive a dose", start)

    def result_unit(self, kind: MetricKind) -> Unit:
        self.skip_spaces()
        self.symbol("[", f"'[' and the unit of the result, such as [{_RESULT_UNITS[kind][0]}]")
        unit = self.unit(_RESULT_UNITS[kind])
        self.skip_spaces()
        self.symbol("]", "']'")
        return unit

    def symbol(self, symbol: str, expected: str) -> None:
        if self.text[self.position : self.position + 1] != symbol:
            raise self.fail(f"expected {expected}")
        self.position += 1

    def end(self) -> None:
        self.skip_spaces()
        if self.position < len(self.text):
            raise self.fail("expected nothing more")


_EXAMPLE = {
    MetricKind.DOSE_AT_VOLUME: "95% or D0.03cc",
    MetricKind.VOLUME_AT_DOSE: "20Gy or V95%",
    MetricKind.COMPLEMENTARY_VOLUME: "20Gy or CV95%",
}


def _plain(value: float) -> str:
    """The shortest decimal without exponent that reads back as the same number."""
    text = repr(value)
    if "e" in text:
        text = format(value, "f") if value >= 1 else f"{value:.340f}".rstrip("0")
    return text.removesuffix(".0")
