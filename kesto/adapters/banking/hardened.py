"""XML from outside, parsed without doing what it says: no entities, no network, no endless size."""

from lxml import etree

from kesto.core.refusals import Invalid


def parse(data: bytes, most_bytes: int) -> etree._Element:
    """Return the root of an XML file, refusing what no bank writes.

    The size is looked at before anything is parsed. A document type is refused whole, because
    entities and external references come by it alone.
    """
    if len(data) > most_bytes:
        raise Invalid(
            f"The file has {len(data):,} bytes, and at most {most_bytes:,} are read at once; "
            "ask the bank for smaller files",
            code="file_too_large",
            field="file",
        )
    if not data.strip():
        raise Invalid("The file is empty", code="file_empty", field="file")
    at = data.find(b"<!DOCTYPE")
    if at >= 0:
        raise _doctype(data.count(b"\n", 0, at) + 1)
    root = _parsed(data)
    # Met by encodings in which the plain search above sees nothing.
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype(1)
    return root


def _parsed(data: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Invalid(
            f"Line {error.lineno or 1}: the file can't be read as XML ({error.msg})",
            code="file_unreadable",
            field="file",
        ) from error


def _doctype(line: int) -> Invalid:
    return Invalid(
        f"Line {line}: the file has a document type (DOCTYPE), which account reports never have; "
        "it is not read",
        code="file_has_doctype",
        field="file",
    )
