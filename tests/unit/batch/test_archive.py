"""An archive is taken in image by image; what is built to do harm does none."""

import io
import os
import stat
import tempfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigbrother.face.batch.archive import ArchiveImages
from bigbrother.face.batch.archive_directory import read_directory, unpack
from bigbrother.face.batch.errors import (
    ArchiveDamaged,
    ArchiveEncrypted,
    ArchiveFormatUnsupported,
    ArchiveHostile,
    BatchTooLarge,
    BatchTooManyItems,
    SubjectsFileInvalid,
)
from bigbrother.face.batch.records import NewItem, Refusal
from bigbrother.kernel.errors import BigBrotherError
from bigbrother.kernel.quantity import Quantity
from bigbrother.runbook.load import load_runbook
from bigbrother.runbook.model import Runbook
from tests.unit.batch.archives import (
    end_record,
    overlapping_bomb,
    picture,
    raw_zip,
    zipped,
)

RUNBOOK = load_runbook()
PICTURE = picture()


def small(**figures: object) -> Runbook:
    return RUNBOOK.model_copy(update={"batch": RUNBOOK.batch.model_copy(update=figures)})


@contextmanager
def opened(data: bytes) -> Iterator[int]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        yield file.fileno()


def read(data: bytes, runbook: Runbook = RUNBOOK) -> list[NewItem]:
    with opened(data) as file:
        images = ArchiveImages(file, runbook)
        items = list(images)
        assert len(images) == len(items)
        return items


def code(item: NewItem) -> str:
    return item.image.code if isinstance(item.image, Refusal) else "taken"


def test_images_come_with_their_names_and_whose_they_are() -> None:
    data = zipped(
        ("ana/1.png", PICTURE),
        ("josé/2.png", PICTURE),
        ("3.png", PICTURE),
        ("subjects.csv", "\ufeffexternal_id;name\r\nana;Ana Souza\r\n".encode()),
    )
    items = read(data)
    assert [(item.name, item.external_id, item.subject_name) for item in items] == [
        ("ana/1.png", "ana", "Ana Souza"),
        ("josé/2.png", "josé", ""),
        ("3.png", None, ""),
    ]
    assert all(item.image == PICTURE for item in items)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_systems_leave_behind_is_no_image(method: int) -> None:
    litter = ("__MACOSX/._a.png", ".DS_Store", "x/.hidden/a.png", "Thumbs.db", "x/", ".git/a")
    data = zipped(*((name, b"x") for name in litter), ("a.png", PICTURE), method=method)
    assert [item.name for item in read(data)] == ["a.png"]


def test_names_may_stand_twice() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(("a.png", PICTURE), ("a.png", PICTURE))
    assert [code(item) for item in read(data)] == ["taken", "taken"]


@pytest.mark.parametrize(
    "name",
    [
        b"../a.png",
        b"a/../../b.png",
        b"/etc/passwd",
        b"a\\..\\b.png",
        b"C:/a.png",
        b"a\x00.png",
        b"a//b.png",
        b"",
    ],
)
def test_a_name_that_leads_elsewhere_fails_alone(name: bytes) -> None:
    items = read(raw_zip([(name, PICTURE), (b"good.png", PICTURE)]))
    assert [code(item) for item in items] == ["item-name-unsafe", "taken"]
    assert all(character.isprintable() for character in items[0].name)


def test_links_archives_and_other_files_fail_alone() -> None:
    link = raw_zip([(b"a.png", b"/etc/passwd")], attributes=(stat.S_IFLNK | 0o777) << 16)
    assert [code(item) for item in read(link)] == ["item-is-link"]
    inner = zipped(("inner.png", PICTURE))
    data = zipped(("b.zip", inner), ("c.txt", b"text"), ("d.png", b""), ("e.png", PICTURE))
    assert [code(item) for item in read(data)] == [
        "item-is-archive",
        "image-format-unsupported",
        "image-empty",
        "taken",
    ]


def test_damaged_and_lying_entries_fail_alone() -> None:
    assert code(read(raw_zip([(b"a.png", PICTURE)], crc=1))[0]) == "item-damaged"
    assert code(read(raw_zip([(b"a.png", PICTURE)], unpacked_bytes=10))[0]) == "item-damaged"
    assert (
        code(read(raw_zip([(b"a.png", PICTURE)], method=12))[0]) == "item-compression-unsupported"
    )
    assert code(read(raw_zip([(b"a.png", b"\xff" * 9)], method=8))[0]) == "item-damaged"


def test_names_in_any_encoding_are_read() -> None:
    found = read(raw_zip([(b"caf\x82.png", PICTURE), ("ñ.png".encode(), PICTURE)]))
    assert [item.name for item in found] == ["café.png", "ñ.png"]
    broken = read(raw_zip([(b"\xff\xfe.png", PICTURE)], flags=0x800))
    assert broken[0].name == "\ufffd\ufffd.png"


def test_a_file_that_expands_too_much_fails_alone_without_being_unpacked() -> None:
    data = zipped(("bomb.bmp", b"BM" + bytes(19_000_000)), ("good.png", PICTURE))
    with opened(data) as file:
        images = iter(ArchiveImages(file, RUNBOOK))
        tracemalloc.start()
        bomb = next(images)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert code(bomb) == "item-expands-too-much"
        assert peak_bytes < 1_000_000
        assert code(next(images)) == "taken"


def test_a_file_larger_than_announced_is_not_unpacked_further() -> None:
    packed = zipfile.ZipFile(io.BytesIO(zipped(("a.bmp", b"BM" + bytes(50_000_000)))))
    info = packed.infolist()[0]
    raw = zipped(("a.bmp", b"BM" + bytes(50_000_000)))
    body = raw[30 + len("a.bmp") : 30 + len("a.bmp") + info.compress_size]
    lying = raw_zip([(b"a.bmp", body)], method=8, unpacked_bytes=900_000)
    tracemalloc.start()
    found = read(lying)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert code(found[0]) == "item-damaged"
    assert peak_bytes < 5_000_000


def test_a_bomb_whose_files_share_bytes_is_refused_whole() -> None:
    with pytest.raises(ArchiveHostile):
        read(overlapping_bomb())


def test_an_encrypted_archive_is_refused_whole() -> None:
    with pytest.raises(ArchiveEncrypted):
        read(raw_zip([(b"a.png", PICTURE)], flags=1))


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b" + bytes(100), PICTURE, b"Rar!\x1a\x07" * 9])
def test_only_zip_files_are_archives(data: bytes) -> None:
    with pytest.raises(ArchiveFormatUnsupported):
        read(data)


def test_an_archive_cut_anywhere_is_refused() -> None:
    whole = zipped(("a.png", PICTURE), ("b.png", PICTURE))
    for length in range(2, len(whole)):
        with pytest.raises((ArchiveDamaged, ArchiveFormatUnsupported)):
            read(whole[:length])


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(0, 255))
@settings(max_examples=300, deadline=None)
def test_any_change_of_an_archive_ends_in_items_or_a_refusal(
    noise: bytes, place: int, value: int
) -> None:
    whole = bytearray(zipped(("a.png", PICTURE), ("b/c.png", PICTURE)))
    whole[place % len(whole)] = value
    for data in (bytes(whole), noise, bytes(whole) + noise, noise + bytes(whole)):
        with suppress(BigBrotherError):
            read(data)


@given(
    st.dictionaries(st.text(st.characters(categories=["L", "N"]), min_size=1), st.binary()),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
)
@settings(max_examples=100, deadline=None)
def test_what_the_standard_library_packs_is_unpacked_unchanged(
    files: dict[str, bytes], method: int
) -> None:
    with opened(zipped(*files.items(), method=method)) as file:
        unpacked = {entry.name: unpack(file, entry) for entry in read_directory(file)}
    assert unpacked == files


def test_more_images_than_allowed_are_refused_before_any_is_unpacked() -> None:
    data = zipped(*((f"{number}.png", PICTURE) for number in range(4)))
    with pytest.raises(BatchTooManyItems):
        read(data, small(items=3))
    assert len(read(data, small(items=4))) == 4


def test_a_directory_of_litter_without_end_is_refused() -> None:
    data = raw_zip([(b".x%d" % number, b"") for number in range(50)])
    with pytest.raises(BatchTooManyItems):
        read(data, small(items=10))


def test_more_bytes_than_allowed_are_refused_before_any_is_unpacked() -> None:
    data = zipped(("a.bmp", bytes(600_000)), ("b.bmp", bytes(600_000)))
    with pytest.raises(BatchTooLarge):
        read(data, small(size=Quantity(1e6, "size", "1 MB")))


@pytest.mark.parametrize(
    "text",
    [
        b"name\nAna\n",
        b"external_id,name\nana," + b"x" * 201,
        b"external_id,name\nana,A\nana,B\n",
        b"external_id,name\na/b,A\n",
        b"\xff\xfe",
        b"",
        b'external_id,name\n"ana',
    ],
)
def test_a_subjects_file_that_cannot_be_used_says_so(text: bytes) -> None:
    with pytest.raises(SubjectsFileInvalid):
        read(zipped(("ana/a.png", PICTURE), ("subjects.csv", text)))


def test_an_archive_of_more_than_65535_files_is_read(tmp_path: os.PathLike[str]) -> None:
    data = zipped(*((f"{number}", b"") for number in range(65_536)), method=zipfile.ZIP_STORED)
    with opened(data) as file:
        assert len(ArchiveImages(file, RUNBOOK)) == 65_536


def test_an_empty_archive_holds_nothing() -> None:
    assert read(end_record(0, 0, 0)) == []
