"""How the documentation is built: `scripts/docs`, in which a warning is an error."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent / "src")]

from sockstream import __version__  # noqa: E402  # after the path

project = "sockstream"
author = "the sockstream authors"
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "api_links",
    "api_docstrings",
    "api_directives",
    "api_check",
    "errors_page",
]
exclude_patterns = ["_build", "_generated"]
nitpicky = True
# Type variables, and the types of a module's own.
nitpick_ignore_regex = [("py:.*", r"_\w+(\.\w+)?")]
default_role = "code-or-link"
highlight_language = "python"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_preprocess_types = False
add_module_names = False
python_maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = f"sockstream {version}"
html_static_path = ["_static"]
html_css_files = ["sockstream.css"]
html_show_sourcelink = False
html_theme_options = {"sidebar_hide_name": False}
