"""A plain `jupyter nbconvert --to html` writes the same page as `make reports`: set-up copies this into .lab/venv."""

import sys
from pathlib import Path

TOOLS = Path(sys.prefix).parents[1] / "notebooks" / "tools"
sys.path.insert(0, str(TOOLS))

c = get_config()  # noqa: F821 - jupyter's
c.HTMLExporter.template_name = "lab-report"
c.HTMLExporter.extra_template_basedirs = [str(TOOLS / "template")]
c.HTMLExporter.preprocessors = ["page.ReportPreprocessor"]
