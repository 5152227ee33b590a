"""Whose files are these: PatientID, name and birth date, compared and never shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from imaging.dicom.elements import Item
from imaging.findings import Finding, FindingCode, error, warning
from imaging.linked import PatientIdentity

_SORT_OUT = (
    "Hand over the files of one patient only; if they are one person's, correct the identity at its source."
)


@dataclass(frozen=True)
class NamedIdentity:
    """The identity in one file; the values never leave by `repr`."""

    file: str
    values: dict[str, str | None] = field(repr=False)


_SEPARATORS = "^= "
_KEYWORDS = ("PatientID", "PatientName", "PatientBirthDate")


def read_identity(item: Item) -> NamedIdentity:
    """Read who the patient of a file is."""
    return NamedIdentity(item.file, {keyword: _said(keyword, item.text(keyword)) for keyword in _KEYWORDS})


def _said(keyword: str, value: str | None) -> str | None:
    """Give the value; a name of separators alone, such as "^^", names nobody (PS3.5 6.2.1.2)."""
    is_blank = keyword == "PatientName" and value is not None and not value.strip(_SEPARATORS)
    return None if is_blank else value


def one_patient(identities: Sequence[NamedIdentity]) -> tuple[PatientIdentity | None, list[Finding]]:
    """Find the one patient of all files.

    Returns
    -------
    The identity and no error; or None and an error for each element in which files contradict each other. An
    element that some files lack contradicts nothing, but is said.
    """
    findings = [finding for keyword in _KEYWORDS if (finding := _contradiction(identities, keyword))]
    if findings or not identities:
        return None, findings
    found = {keyword: _first(identities, keyword) for keyword in _KEYWORDS}
    if found["PatientID"] is None:
        findings.append(_unidentified("No file names a PatientID.", None))
    else:
        findings += [finding for keyword in _KEYWORDS if (finding := _gap(identities, keyword))]
    return _patient(found), findings


def distinct_identities(identities: Sequence[NamedIdentity]) -> tuple[PatientIdentity, ...]:
    """Give each identity once, as the files give it, also that of files that name nobody."""
    return tuple(dict.fromkeys(_patient(one.values) for one in identities))


def is_two_patients(findings: Sequence[Finding]) -> bool:
    """Whether the identities contradicted each other."""
    return any(finding.code is FindingCode.PATIENT_MISMATCH for finding in findings)


def _patient(values: Mapping[str, str | None]) -> PatientIdentity:
    return PatientIdentity(values["PatientID"], values["PatientName"], values["PatientBirthDate"])


def _contradiction(identities: Sequence[NamedIdentity], keyword: str) -> Finding | None:
    files: dict[str, str] = {}
    for identity in identities:
        value = identity.values[keyword]
        if value is not None:
            files.setdefault(_compared(keyword, value), identity.file)
    if len(files) < 2:
        return None
    first, second, *_ = files.values()
    message = f"The files belong to more than one patient: {keyword} differs between {first} and {second}."
    return error(FindingCode.PATIENT_MISMATCH, message, action=_SORT_OUT, file=second, element=keyword)


def _gap(identities: Sequence[NamedIdentity], keyword: str) -> Finding | None:
    without = [identity.file for identity in identities if identity.values[keyword] is None]
    if not without or len(without) == len(identities):
        return None
    message = f"{keyword} is missing in {len(without)} of {len(identities)} files."
    return _unidentified(message, keyword, without[0])


def _unidentified(message: str, keyword: str | None, file: str | None = None) -> Finding:
    action = "Make sure that all files belong to this patient."
    return warning(FindingCode.PATIENT_UNIDENTIFIED, message, action=action, file=file, element=keyword)


def _first(identities: Sequence[NamedIdentity], keyword: str) -> str | None:
    return next((value for one in identities if (value := one.values[keyword]) is not None), None)


def _compared(keyword: str, value: str) -> str:
    """Give what is compared: names without case, double blanks, empty components and other spellings (PS3.5
    6.2.1)."""
    if keyword != "PatientName":
        return value
    alphabetic = value.split("=", maxsplit=1)[0].strip() or value
    parts = [" ".join(part.split()).casefold() for part in alphabetic.split("^")]
    return "^".join(parts).rstrip("^")
