"""How templates are rendered: Jinja decides how files look, and nothing else."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

from barecast import resources


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: resources.text("templates", name)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


def render(template: str, **values: Any) -> str:
    """The text of templates/<template> filled in; an unknown name in a template is an error."""
    return _environment().get_template(template).render(**values)
