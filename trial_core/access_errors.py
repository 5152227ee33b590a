"""What is refused around accounts and around judging: each keeps the facts and says what to do."""

# ruff: noqa: N818 - these are refusals, named for what is so, as in `trial_core.errors`

from __future__ import annotations

from trial_core.domain.names import subject_label
from trial_core.errors import TrialError


class OwnWork(TrialError):
    """Somebody was to review or adjudicate what is theirs or their site's."""

    def __init__(self, what: str) -> None:
        super().__init__(f"You cannot judge {what}. Somebody of another site must.")
        self.what = what


class SubjectAtSeveralSites(TrialError):
    """More than one site has given this code to a subject."""

    def __init__(self, code: str, sites: tuple[str, ...]) -> None:
        named = " or ".join(subject_label(site=site, code=code) for site in sites)
        super().__init__(f"Several sites have a subject {code!r}. Name the site, too: {named}.")
        self.code = code
        self.sites = sites


class UnknownUser(TrialError):
    """No account of this user name."""

    def __init__(self, login: str) -> None:
        super().__init__(f"There is no account {login!r}. Check the user name.")
        self.login = login


class OwnAccount(TrialError):
    """Somebody was to change their own role or site, or to put their own account out of use."""

    def __init__(self, step: str) -> None:
        super().__init__(f"Nobody can {step}. Ask another administrator.")
        self.step = step


class SendersAccount(TrialError):
    """The account in whose name a system on the DICOM network submits was to be changed or opened."""

    def __init__(self, login: str) -> None:
        super().__init__(
            f"{login} is the account of a system that sends over the DICOM network: nobody signs in with it, "
            "and it stays as it is. Add or retire the sender instead."
        )
        self.login = login


class LastAdministrator(TrialError):
    """The step would leave the trial without an administrator."""

    def __init__(self, login: str) -> None:
        super().__init__(
            f"{login} is the last administrator. Make another one first, or nobody can manage accounts."
        )
        self.login = login


class SamePassword(TrialError):
    """The new password is the old one."""

    def __init__(self) -> None:
        super().__init__("The new password is the old one. Choose another.")


class PasswordMustBeChanged(TrialError):
    """The right one-time password: it opens nothing but its own replacement."""

    def __init__(self) -> None:
        super().__init__("This password is good for one sign-in. Choose a password of your own to go on.")
