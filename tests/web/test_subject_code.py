"""A subject's code must not be the address of another page."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from trial_core.errors import NotAName
from web.forms import Answers, Context
from web.pages import subject_new


def test_subject__cannot_be_called_as_the_form_is(oncologist: FlaskClient) -> None:
    assert oncologist.get("/subjects/new").status_code == 200
    with pytest.raises(NotAName, match="choose another"):
        subject_new.save(Context(), Answers({"code": "new"}))
