"""The file of a version of the protocol, byte for byte as it was installed."""

from __future__ import annotations

import re

from flask import Blueprint, Response

from trial_core.domain.protocol_record import RecordedProtocol
from trial_core.services import protocol_versions
from web.house import actor, house

ADDRESS = "/operations/protocols"
_SAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")

routes = Blueprint("protocol_files", __name__)


@routes.get(f"{ADDRESS}/<int:number>.yaml")
def protocol_yaml(number: int) -> Response:
    """Give the file; its name bears id, version and the beginning of its hash."""
    one, data = protocol_versions.protocol_of_version(house().db, actor(), number=number)
    response = Response(data, content_type="application/yaml; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(one)}"'
    return response


def file_address(one: RecordedProtocol) -> str:
    """Give the address of a version's file."""
    return f"{ADDRESS}/{one.number}.yaml"


def _file_name(one: RecordedProtocol) -> str:
    name = f"{one.protocol_id}-{one.version}-{one.sha256[:12]}"
    return f"{_SAFE_NAME.sub('-', name).strip('-.')}.yaml"
