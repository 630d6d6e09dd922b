"""A request whose ordinary forms stay in memory: no body, however large or odd, is spooled to a file in clear."""

from io import BytesIO
from typing import IO, Any, Final

from flask import Request as FlaskRequest

ORDINARY_FORM_BYTES: Final = 2_000_000
"""Every form but the one for statements, which reads its body itself (`app.web.uploads`)."""


UPLOADS: Final = "/uploads/"
OVERRIDES: Final = frozenset({"PATCH", "DELETE", "HEAD"})


class Request(FlaskRequest):
    max_content_length = ORDINARY_FORM_BYTES
    max_form_memory_size = ORDINARY_FORM_BYTES

    def __init__(self, environ: dict[str, Any], *args: Any, **options: Any) -> None:
        _take_method_meant(environ)
        super().__init__(environ, *args, **options)

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Werkzeug asks where a file part goes: into memory, under the limit above, never into a temporary file."""
        del total_content_length, content_type, filename, content_length
        return BytesIO()


def _take_method_meant(environ: dict[str, Any]) -> None:
    """Tus 1.0.0, X-HTTP-Method-Override: a client that can only POST says what it means. The request is checked as what it says."""
    meant = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "")
    is_upload = environ.get("PATH_INFO", "").startswith(UPLOADS)
    if is_upload and environ["REQUEST_METHOD"] == "POST" and meant in OVERRIDES:
        environ["REQUEST_METHOD"] = meant
