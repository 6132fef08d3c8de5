"""From the bytes that somebody hands over to text; what is no such text is named, with the cure."""

import re
import zipfile
from io import BytesIO

from django.utils.translation import gettext as _

from common.errors import InvalidInput

_HANGUL = re.compile("[가-힣]")
_LATIN = re.compile("[A-Za-z][À-ÿ]|[À-ÿ][a-z]")
_KANA = re.compile("[\u3041-\u30ff]")
_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# What people meet: in which encoding text reads well, what shows it, and what to call it. EUC-KR is
# the part of cp949 that Korean is written with; Japanese reads as rare syllables of the rest.
_LOCAL = (
    ("euc_kr", _HANGUL, "cp949"),
    ("shift_jis", _KANA, "shift_jis"),
    ("cp949", _HANGUL, "cp949"),
    ("cp1252", _LATIN, "cp1252"),
)
_XML_KINDS = (
    (re.compile(r"<quiz[\s>]", re.IGNORECASE), "Moodle"),
    (re.compile(r"imsqti|<assessment(Item|Test)\b|<questestinterop\b", re.IGNORECASE), "QTI"),
    (re.compile(r"urn:schemas-microsoft-com:office:spreadsheet"), "Excel 2003"),
)
_AIKEN = re.compile(r"^ANSWER:\s*[A-Z]\s*$", re.MULTILINE)
_GIFT = re.compile(r"^::[^:\n]*::|\{\s*(#|[=~TF]|TRUE|FALSE)[^{}]*\}", re.MULTILINE)


def decode(data: bytes, encoding: str | None = None) -> str:
    """The text, without a byte order mark. Raises InvalidInput `unreadable_file`.

    Without an `encoding` it is UTF-8, and what it looks like is said where it is not.
    """
    refuse_binary(data)
    try:
        text = data.decode(encoding or "utf-8-sig")
    except LookupError as error:
        raise unreadable(_("There is no encoding “%s”.") % encoding) from error
    except UnicodeError as error:
        raise unreadable(_not_decoded(data, encoding)) from error
    if "\0" in text:
        is_wide = not encoding and likely_encoding(data) is not None
        raise unreadable(_not_decoded(data, None) if is_wide else _nul())
    return text.lstrip("\ufeff")


def refuse_binary(data: bytes) -> None:
    """Raise InvalidInput `unreadable_file` for workbooks and others that are no text at all."""
    start = data[:8]
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise unreadable(_archive(data))
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise unreadable(_("The file is an Excel workbook (.xls): save its sheet as “CSV UTF-8”."))
    if start.startswith(b"\x1f\x8b"):
        raise unreadable(_("The file is compressed (gzip): unpack it first."))
    if start.startswith(b"%PDF"):
        raise unreadable(_("The file is a PDF: items come as CSV or JSON."))


def foreign_format(text: str) -> str | None:
    """What a text is that is neither our CSV nor our JSON; None where it looks like no other."""
    start = text[:4096].lstrip()
    if start.startswith("<"):
        return _markup(start)
    if start.startswith("{\\rtf"):
        return _("The file is a document (RTF): items come as CSV or JSON.")
    if _AIKEN.search(text):
        return _to_be_moved(_("This is Aiken, a format of Moodle."))
    if _GIFT.search(text) and not start.startswith(("{", "[")):
        return _to_be_moved(_("This is GIFT, a format of Moodle."))
    return None


def _to_be_moved(this: str) -> str:
    cure = _("Bring its items into the columns of docs/import-format.md, as CSV.")
    return f"{this} {cure}"


def unreadable(message: str) -> InvalidInput:
    return InvalidInput("unreadable_file", message)


def _archive(data: bytes) -> str:
    """Of a workbook its name, even of one that is damaged: its parts are told by their paths."""
    try:
        names = zipfile.ZipFile(BytesIO(data)).namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        names = []
    whole = " ".join(names).encode() + data[:4096]
    if b"xl/" in whole:
        return _(
            "The file is an Excel workbook (.xlsx), whatever its name says: save its sheet as "
            "“CSV UTF-8”."
        )
    if b"opendocument.spreadsheet" in whole or b"mimetypeapplication/vnd.oasis" in whole:
        return _("The file is a spreadsheet (.ods): save its sheet as CSV in UTF-8.")
    if b"imsmanifest.xml" in whole:
        return _to_be_moved(_("The file is a content package (QTI, .zip)."))
    return _("The file is an archive (.zip): unpack it first.")


def _markup(start: str) -> str:
    if re.match(r"<(!doctype\s+html|html)\b", start, re.IGNORECASE):
        return _("The file is a web page (HTML), not the file that a link may have promised.")
    kind = next((name for pattern, name in _XML_KINDS if pattern.search(start)), None)
    return _to_be_moved(_("This is XML (%s).") % kind if kind else _("This is XML."))


def _not_decoded(data: bytes, encoding: str | None) -> str:
    if encoding:
        return _("The file is not in %s.") % encoding
    likely = likely_encoding(data)
    if likely is None:
        return _(
            "The file is not UTF-8 text (byte %s). Save it as “CSV UTF-8”, or say its encoding "
            "with --encoding."
        ) % _first_undecoded(data)
    return _(
        "The file is not UTF-8 text: it looks like %(name)s. Save it as “CSV UTF-8”, or import it "
        "with --encoding %(name)s."
    ) % {"name": likely}


def likely_encoding(data: bytes) -> str | None:
    """What text that is not UTF-8 is likely to be in; None where nothing speaks for any."""
    for mark, name in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return name
    head = data[:2048]
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    if head[::2].count(0) > len(head) // 4:
        return "utf-16-be"
    for encoding, shows, name in _LOCAL:
        try:
            if shows.search(data.decode(encoding)):
                return name
        except UnicodeError:
            continue
    return None


def _first_undecoded(data: bytes) -> int:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _nul() -> str:
    return _("The file holds a NUL character.")
