"""Signatures: the password again, a meaning, bound to a content's hash, void once that content changes.

A use case asks `confirm_password` first, before its transaction (to check a password takes long, and counts
failures by itself), and then `sign` inside it.
"""

from __future__ import annotations

import uuid

from sqlalchemy import Connection

from trial_core.db.form_content import content_sha256
from trial_core.db.repositories import signatures as rows
from trial_core.db.repositories.forms import FormVersion
from trial_core.db.session import Database
from trial_core.domain.access import Actor
from trial_core.domain.signing import Meaning, Signature, SignedState
from trial_core.services.accounts import confirm_password
from trial_core.services.journal import note_signature

__all__ = ["confirm_password", "form_signatures", "is_signed", "sign", "sign_form", "signed_states"]

_FORM = "form"


def sign(
    connection: Connection,
    db: Database,
    actor: Actor,
    *,
    entity: str,
    entity_id: str,
    content_sha256: str,
    meaning: Meaning,
) -> Signature:
    """Put a signature on record, within the transaction of its use case."""
    new = Signature(
        id=uuid.uuid4().hex,
        entity=entity,
        entity_id=entity_id,
        content_sha256=content_sha256,
        meaning=meaning.value,
        login=actor.login,
        full_name=actor.full_name,
        role=actor.role.value,
        signed_at=db.now(),
    )
    rows.add(connection, new, user_id=actor.user_id)
    note_signature(
        connection,
        db,
        actor,
        entity=entity,
        entity_id=entity_id,
        meaning=new.meaning,
        content_sha256=content_sha256,
        signature=new.id,
        full_name=new.full_name,
        at=new.signed_at,
    )
    return new


def sign_form(
    connection: Connection, db: Database, actor: Actor, form: FormVersion, *, meaning: Meaning
) -> Signature:
    """Sign one version of a form; the next version, even of the same content, is not signed."""
    return sign(
        connection,
        db,
        actor,
        entity=_FORM,
        entity_id=_id_of(form),
        content_sha256=_hash_of(form),
        meaning=meaning,
    )


def form_signatures(connection: Connection, form: FormVersion) -> tuple[SignedState, ...]:
    """List the signatures that any version of a form ever got, each valid or void for this version."""
    return signed_states(connection, entity=_FORM, entity_id=_id_of(form), content_sha256=_hash_of(form))


def signed_states(
    connection: Connection, *, entity: str, entity_id: str, content_sha256: str
) -> tuple[SignedState, ...]:
    """List the signatures on something, each valid or void for its content as it is now."""
    found = rows.on(connection, entity=entity, entity_id=entity_id)
    return tuple(SignedState(signature=each, valid=each.holds_for(content_sha256)) for each in found)


def is_signed(states: tuple[SignedState, ...], meaning: Meaning) -> bool:
    """Tell whether a valid signature states this."""
    return any(each.valid and each.signature.meaning == meaning.value for each in states)


def _id_of(form: FormVersion) -> str:
    return f"{form.subject_id}/{form.kind}/{form.occasion}"


def _hash_of(form: FormVersion) -> str:
    # The content as it is, not the hash beside it, which stays when the database is edited.
    return content_sha256(
        {
            "form": _id_of(form),
            "version": form.version,
            "void": form.void,
            "content_sha256": content_sha256(form.content),
        }
    )
