"""A plain `jupyter nbconvert --to html` writes the same page as `make reports`: set-up copies this into .lab/venv."""

import sys
from pathlib import Path

REPORT = Path(sys.prefix).parents[1] / "notebooks" / "tools" / "report"

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - jupyter's
c.HTMLExporter.template_name = "lab-report"
c.HTMLExporter.extra_template_basedirs = [str(REPORT / "template")]
c.HTMLExporter.preprocessors = ["tools.report.page.ReportPreprocessor"]
