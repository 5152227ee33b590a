"""The report of a checked course as one HTML file: no script, no link, the same bytes for the same report."""

from trial_core.domain.report import CourseReport


def render_html(report: CourseReport) -> str:
    """Return the report as a self-contained HTML document."""
    raise NotImplementedError
