"""What is refused of senders on the DICOM network and of the sets that came from them."""

# ruff: noqa: N818 - refusals, named for what is so, as in `errors`

from __future__ import annotations

from trial_core.errors import TrialError


class UnknownReceivedSet(TrialError):
    """No set of this id waits, or one of another site: the answer is the same."""

    def __init__(self, set_id: str) -> None:
        super().__init__("There is no such set in the inbox of your site. Reload the page.")
        self.set_id = set_id


class UnknownSender(TrialError):
    """No system of this AE title may send."""

    def __init__(self, ae_title: str) -> None:
        super().__init__(f"There is no sender {ae_title!r}. Check the AE title letter by letter.")
        self.ae_title = ae_title


class SenderOfAnotherSite(TrialError):
    """An AE title that belonged to a system of another site."""

    def __init__(self, ae_title: str) -> None:
        super().__init__(
            f"The AE title {ae_title!r} belonged to a system of another site, and what it sent stays on "
            "record. Choose another one."
        )
        self.ae_title = ae_title
