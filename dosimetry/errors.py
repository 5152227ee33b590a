"""What can go wrong in dosimetry, with the facts kept in the exception."""


class DosimetryError(ValueError):
    """Base of everything `dosimetry` refuses."""


class ExpressionError(DosimetryError):
    """A metric expression that cannot be read.

    Parameters
    ----------
    expression
        The text as it was given.
    position
        Zero-based position of the first character that does not fit.
    reason
        What was expected there.
    """

    def __init__(self, expression: str, position: int, reason: str) -> None:
        self.expression = expression
        self.position = position
        self.reason = reason
        caret = " " * position + "^"
        super().__init__(
            f"metric expression wrong at character {position + 1}: {reason}\n  {expression}\n  {caret}"
        )


class GridError(DosimetryError):
    """A dose array or its geometry that no dose can be read from."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"dose grid refused: {reason}")


class StructureError(DosimetryError):
    """Contours that do not make planar sections (not finite, wrong shape)."""

    def __init__(self, structure: str, reason: str) -> None:
        self.structure = structure
        self.reason = reason
        super().__init__(f"structure '{structure}' refused: {reason}")


class EmptyStructureError(DosimetryError):
    """A structure (or the result of structure algebra) that encloses no volume."""

    def __init__(self, structure: str) -> None:
        self.structure = structure
        super().__init__(f"structure '{structure}' encloses no volume: no dose statistic is defined for it")


class FractionsMissingError(DosimetryError):
    """EQD2 was asked for a plan whose number of fractions is not known."""

    def __init__(self, layer: int) -> None:
        self.layer = layer
        super().__init__(
            f"EQD2 needs the number of fractions of every plan; plan {layer + 1} of the sum has none"
        )


class DoseError(DosimetryError):
    """A dose, prescription, weight or radiobiological parameter outside its range."""

    def __init__(self, quantity: str, value: float, expected: str) -> None:
        self.quantity = quantity
        self.value = value
        self.expected = expected
        super().__init__(f"{quantity} is {value:g}; expected {expected}")


class GammaCriterionError(DosimetryError):
    """A gamma criterion outside its range."""

    def __init__(self, criterion: str, value: float, expected: str) -> None:
        self.criterion = criterion
        self.value = value
        self.expected = expected
        super().__init__(f"{criterion} is {value:g}; expected {expected}")
