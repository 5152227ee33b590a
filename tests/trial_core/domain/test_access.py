"""Who may do what, and where."""

from __future__ import annotations

import pytest

from trial_core.domain.access import (
    CENTRAL_ROLES,
    PERMISSIONS,
    SITE_ROLES,
    Permission,
    Role,
    fits_site,
    may,
    may_see_by_arm,
)


def test_roles__are_those_of_the_trial() -> None:
    assert [role.value for role in Role] == [
        "investigator",
        "radiation oncologist",
        "site physicist",
        "central reviewer",
        "trial staff",
        "safety adjudicator",
        "statistician",
        "monitor",
        "administrator",
    ]
    assert set(PERMISSIONS) == set(Role)


def test_roles__work_for_a_site_or_see_all_or_are_the_administrator() -> None:
    assert SITE_ROLES | CENTRAL_ROLES | {Role.ADMINISTRATOR} == set(Role)
    assert not SITE_ROLES & CENTRAL_ROLES


def test_subjects__are_seen_by_everyone_but_the_administrator() -> None:
    assert {role for role in Role if may(role, Permission.SEE_SUBJECTS)} == set(Role) - {Role.ADMINISTRATOR}


def test_administrator__sees_no_clinical_data_and_no_allocation_list() -> None:
    held = PERMISSIONS[Role.ADMINISTRATOR]
    assert Permission.MANAGE_ACCOUNTS in held
    assert not {one for one in held if one.value.startswith("see ")}
    assert not held & {Permission.MANAGE_LISTS, Permission.RANDOMISE, Permission.SEE_AUDIT_TRAIL}


def test_monitor__only_reads() -> None:
    assert all(one.value.startswith(("see ", "read ")) for one in PERMISSIONS[Role.MONITOR])


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        (Permission.SUBMIT_PLAN, {Role.RADIATION_ONCOLOGIST, Role.SITE_PHYSICIST}),
        (Permission.CONFIRM_IDENTITY, {Role.RADIATION_ONCOLOGIST, Role.SITE_PHYSICIST}),
        (Permission.MANAGE_SUBJECTS, {Role.INVESTIGATOR, Role.RADIATION_ONCOLOGIST, Role.TRIAL_STAFF}),
        (Permission.SEE_AUDIT_TRAIL, {Role.MONITOR}),
        (Permission.SIGN_ELIGIBILITY, {Role.INVESTIGATOR}),
        (Permission.RANDOMISE, {Role.INVESTIGATOR, Role.RADIATION_ONCOLOGIST, Role.TRIAL_STAFF}),
        (Permission.ADJUDICATE, {Role.SAFETY_ADJUDICATOR}),
        (Permission.CONDUCT_STUDY, {Role.STATISTICIAN}),
        (Permission.MANAGE_LISTS, {Role.STATISTICIAN}),
        (Permission.SEE_LISTS, {Role.STATISTICIAN, Role.MONITOR}),
    ],
)
def test_permissions__are_those_that_were_decided(permission: Permission, roles: set[Role]) -> None:
    assert {role for role in Role if may(role, permission)} == roles


def test_outcome_by_arm__is_the_statisticians_until_a_cut_is_released() -> None:
    before = {role for role in Role if may_see_by_arm(role, cut_released=False)}
    after = {role for role in Role if may_see_by_arm(role, cut_released=True)}
    assert before == {Role.STATISTICIAN}
    assert after == set(Role) - {Role.ADMINISTRATOR}


@pytest.mark.parametrize("role", list(Role))
def test_fits_site__asks_clinical_roles_for_one_and_lets_judges_name_their_own(role: Role) -> None:
    with_site, without = fits_site(role, "S1"), fits_site(role, None)
    assert without is (role not in SITE_ROLES)
    assert with_site is (role in SITE_ROLES or role in (Role.CENTRAL_REVIEWER, Role.SAFETY_ADJUDICATOR))
