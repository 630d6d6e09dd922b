"""How much of everything is taken at most; refusals name the limit before the first byte is read."""

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

MAX_TEXT_BYTES = 500_000
"""One text part of a statement, in UTF-8."""
MAX_LINE_CHARACTERS = 200
"""A one-line field: a title, a code name, a pseudonym."""
MAX_NOTE_CHARACTERS = 4_000
MAX_ADDENDUM_CHARACTERS = 20_000
"""A comment, a note, a reason in words."""
MAX_FIELDS_PER_PART = 200
"""Form fields in one part, before any of them is read."""
MAX_FIELD_NAME_BYTES = 100

MAX_FILES_PER_FORM = 3
MAX_FILE_NAME_CHARACTERS = 255
MAX_PLAIN_FILE_BYTES = 100 * MIB
"""A file in the plain form, in one request."""
MAX_UPLOAD_BYTES = 20 * GIB
"""A file in pieces."""
MAX_UPLOADS_PER_FORM = 20
MAX_UPLOADS_PER_PERSON = 40
"""Files of one person that are on their way at once."""
RESERVED_BYTES = 512 * MIB
"""What files leave free on the disk, for words."""
MAX_PIECE_BYTES = 16 * MIB
MAX_UNSIGNED_PACKAGE_BYTES = 64 * KIB
"""A sealed package without the outer signature of a device that was ever enrolled."""

MAX_LATE_FORMS_PER_PERSON = 20
LATE_FORM_DAYS = 7
LATE_INTAKE_DAYS = 180
UPLOAD_DAYS = 90

MAX_MARKS_PER_STATEMENT = 5_000
MAX_BLOCKS_PER_STORY = 200
MAX_REGISTER_ENTRIES = 10_000
MAX_FORMS_PER_ENTRY = 100
MAX_ADOPTIONS_PER_REQUEST = 50
