"""What comes over the DICOM network: registered senders, objects that arrive, sets that wait or went on."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from trial_core.domain.identity import EarlierSet, IdentityHashes, agrees

PLAN = "RTPLAN"
RECORD = "RTRECORD"
AE_TITLE_RULE = "use 1 to 16 letters, digits, blanks and . _ -, a letter or digit first and last"
ADDRESS_RULE = "use IP addresses such as 10.1.2.3, or networks such as 10.1.2.0/28"
_AE_TITLE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 ._-]{0,14}[A-Za-z0-9])?")  # of PS3.5 6.2 what is safe to show
_WIDEST_IPV4, _WIDEST_IPV6 = 16, 48
"""Bits: a wider network would name nobody."""


class ReceivedState(StrEnum):
    """The way of a received set."""

    ARRIVING = "arriving"
    WAITING = "waiting"
    SUBMITTED = "submitted"
    DISCARDED = "discarded"


class WhyWaiting(StrEnum):
    """Why a set waits for a person; the value completes "This set waits: "."""

    NO_PLAN = "it holds no plan"
    NO_PATIENT_ID = "its files give no PatientID"
    UNKNOWN = "no confirmed set of a subject at this site bears its PatientID"
    SEVERAL = "confirmed sets of several subjects at this site bear its PatientID"
    CONTRADICTS = "name or birth date contradict the confirmed set that bears its PatientID"
    NOT_TAKEN = "the trial takes no plan for the subject that it matches"


@dataclass(frozen=True)
class Sender:
    """A system that may send: its AE title, where it calls from, and the site that it belongs to.

    `user_id` is the account in whose name its sets are submitted; nobody can sign in with it.
    """

    ae_title: str
    addresses: tuple[str, ...]
    site_code: str
    user_id: str
    created_at: datetime
    retired_at: datetime | None = None

    def calls_from(self, address: str) -> bool:
        """Tell whether an address is one of this sender's."""
        caller = _plain(ipaddress.ip_address(address))
        return any(caller in ipaddress.ip_network(one) for one in self.addresses)


@dataclass(frozen=True)
class SentObject:
    """An object that arrived whole; of its patient keyed hashes alone."""

    sop_class_uid: str
    sop_instance_uid: str
    sha256: str
    size_bytes: int
    hashes: IdentityHashes
    study_sha256: str
    modality: str
    plan_label: str | None = None
    dated: str | None = None

    @property
    def group(self) -> str:
        """Tell what makes objects of one sender one set: the PatientID; where it is missing, the study."""
        if self.hashes.patient_id is not None:
            return f"patient:{self.hashes.patient_id}"
        return f"study:{self.study_sha256}"


@dataclass(frozen=True)
class ReceivedSet:
    """A set as the inbox shows it: counts, labels, dates and its sender; nothing that names the patient."""

    set_id: str
    ae_title: str
    site_code: str
    state: ReceivedState
    waits_because: WhyWaiting | None
    begun_at: datetime
    touched_at: datetime
    counts: Mapping[str, int]
    plan_labels: tuple[str, ...]
    dates: tuple[str, ...]
    size_bytes: int
    twice: int
    """Objects of which a second version with other contents came."""


@dataclass(frozen=True)
class ReceiverPresent:
    """A listener that is there, as it said at `seen_at`.

    Attributes
    ----------
    name
        Of its machine and process.
    place
        Address and port.
    called_at, called_by
        The last association that it let in since it started, and the AE title that called.
    """

    name: str
    ae_title: str
    place: str
    with_tls: bool
    started_at: datetime
    seen_at: datetime
    called_at: datetime | None = None
    called_by: str | None = None


def is_ae_title(text: str) -> bool:
    """Tell whether this can be the AE title of a sender."""
    return _AE_TITLE.fullmatch(text) is not None


def plain_addresses(texts: Sequence[str]) -> tuple[str, ...] | None:
    """Give addresses and networks as they are kept, each once; None where one of them is none."""
    try:
        found = {ipaddress.ip_network(text.strip(), strict=False) for text in texts}
    except ValueError:
        return None
    if not found or any(_is_too_wide(one) for one in found):
        return None
    return tuple(sorted(str(one) for one in found))


def match(
    hashes: Sequence[IdentityHashes], known: Mapping[str, Sequence[EarlierSet]], counts: Mapping[str, int]
) -> str | WhyWaiting:
    """Give the one subject whose set this is, or why a person has to say.

    Only what a person confirmed attracts other sets: one that was wrongly uploaded would draw more.

    Parameters
    ----------
    hashes
        Every identity in the set.
    known
        By subject of the site: its sets that bear the PatientID of this one.
    counts
        What is in the set, by modality.
    """
    if not counts.get(PLAN):
        return WhyWaiting.NO_PLAN
    if any(one.patient_id is None for one in hashes):
        return WhyWaiting.NO_PATIENT_ID
    vouched = {subject: [one for one in sets if one.confirmed] for subject, sets in known.items()}
    subjects = sorted(subject for subject, sets in vouched.items() if sets)
    if len(subjects) != 1:
        return WhyWaiting.SEVERAL if subjects else WhyWaiting.UNKNOWN
    fits = all(agrees(one, other.hashes) for one in hashes for other in vouched[subjects[0]])
    return subjects[0] if fits else WhyWaiting.CONTRADICTS


def _plain(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Give an IPv4 address that came in an IPv6 one as itself."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _is_too_wide(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    return network.prefixlen < (_WIDEST_IPV4 if network.version == 4 else _WIDEST_IPV6)
