"""A request whose ordinary forms stay in memory: no body, however large or odd, is spooled to a file in clear."""

from io import BytesIO
from typing import IO, Final

from flask import Request as FlaskRequest

ORDINARY_FORM_BYTES: Final = 2_000_000
"""Every form but the one for statements, which reads its body itself (`app.web.uploads`)."""


class Request(FlaskRequest):
    max_content_length = ORDINARY_FORM_BYTES
    max_form_memory_size = ORDINARY_FORM_BYTES

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
