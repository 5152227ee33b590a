"""Files that could not be read and may hold what nobody then misses: a plan, a dose, contours."""

from __future__ import annotations

from imaging.course import Course, CourseFile, FileKind
from imaging.findings import Finding, FindingCode, Severity

_JUDGED = (FileKind.PLAN, FileKind.DOSE, FileKind.STRUCTURE_SET)
_NOT_TAKEN_IN = frozenset(
    {
        FindingCode.PATH_MISSING,
        FindingCode.FILE_UNREADABLE,
        FindingCode.FILE_TOO_LARGE,
        FindingCode.ARCHIVE_UNSUPPORTED,
        FindingCode.ZIP_CORRUPT,
        FindingCode.ZIP_UNSAFE_NAME,
        FindingCode.ZIP_LINK,
        FindingCode.ZIP_ENCRYPTED,
        FindingCode.ZIP_UNSUPPORTED_COMPRESSION,
        FindingCode.ZIP_TOO_MANY_ENTRIES,
        FindingCode.ZIP_ENTRY_TOO_LARGE,
        FindingCode.ZIP_TOO_LARGE,
        FindingCode.ZIP_BOMB,
        FindingCode.ZIP_NESTED,
        FindingCode.ZIP_DUPLICATE_NAME,
        FindingCode.ZIP_NAME_COLLISION,
    }
)
"""Why a file, a folder or an archive is not among the files of the course; an empty one lacks nothing."""
_OTHER_DOSES = (
    FindingCode.DOSE_UNITS_UNUSABLE,
    FindingCode.DOSE_TYPE_UNUSABLE,
    FindingCode.DOSE_SUMMATION_UNUSABLE,
)
"""Read, and of a kind that plans are not judged by: percent, biological, of one fraction."""
_NAMED = 3


def unread_files(course: Course) -> list[str]:
    """Every file that could not be read and claims to be a plan, a dose or contours, or does not tell."""
    files = {file.name: file for file in course.files}
    names = [
        finding.file if finding.file in files else _archive_of(finding.file)
        for finding in course.findings
        if finding.severity is Severity.ERROR
        and finding.file is not None
        and _is_of_file(finding, files.get(finding.file))
    ]
    return sorted(set(names))


def unread_words(course: Course) -> str:
    """Why a course with such files is not known to be whole; empty where there are none."""
    names = unread_files(course)
    if not names:
        return ""
    named = ", ".join(f"'{name}'" for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return (
        f"{named}{more} could not be read or used and may hold a plan, dose or contours of the course: "
        "hand over what is readable, or leave out what is no part of it"
    )


def _archive_of(name: str) -> str:
    """The archive that an entry's name begins with: of a refused one nothing is taken, whatever the entry."""
    end = name.casefold().find(".zip/")
    return name if end < 0 else name[: end + len(".zip")]


def _is_of_file(finding: Finding, file: CourseFile | None) -> bool:
    """Whether a finding says why nothing of a file is known; None: the file was not even taken in."""
    if file is None:
        return finding.code in _NOT_TAKEN_IN
    if file.used or file.reason != finding.message or finding.code in _OTHER_DOSES:
        return False
    return (file.claims or file.kind) in (*_JUDGED, FileKind.UNREADABLE)
