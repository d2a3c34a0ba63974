"""What programs that keep tables in S3 do: s3fs, pandas, pyarrow, obstore and deltalake.

    python -m tests.clients.lake_story CHAPTER BUCKET

Run by the Python of .venv-clients. Endpoint, region and credentials come from the environment; the
bucket exists and is empty. A chapter asserts as it goes.
"""

import os
import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.request import urlopen

from tests.clients.payloads import FILE_NAMES, MULTIPART, name_bytes, payload

CHAPTERS: dict[str, Callable[[str], None]] = {}
ENDPOINT = os.environ.get("AWS_ENDPOINT_URL", "")
ROWS = 200_000


def chapter(tell: Callable[[str], None]) -> Callable[[str], None]:
    """Note a chapter under its name."""
    CHAPTERS[tell.__name__] = tell
    return tell


def refused(wanted: type[BaseException], call: Callable[..., Any], *args: Any, **more: Any) -> None:
    """See a call fail with this exception."""
    try:
        call(*args, **more)
    except wanted:
        return
    raise AssertionError(f"{call} was not refused with {wanted.__name__}")


def table_of(rows: int = ROWS) -> Any:
    """A table that does not compress well: numbers, texts and a column to divide it by."""
    import pyarrow

    chance = random.Random(rows)
    return pyarrow.table(
        {
            "id": range(rows),
            "value": [chance.random() for _ in range(rows)],
            "text": [f"{chance.getrandbits(64):x}" for _ in range(rows)],
            "part": [f"p {number % 3}" for number in range(rows)],
        }
    )


@chapter
def s3fs_files(bucket: str) -> None:
    """A filesystem on top of S3: files of all sizes, directories, moves, exclusive creation."""
    import s3fs

    fs = s3fs.S3FileSystem()
    for name in FILE_NAMES:
        fs.pipe_file(f"{bucket}/odd/{name}", name_bytes(name))
    assert {f"{bucket}/odd/{name}" for name in FILE_NAMES} == set(fs.find(f"{bucket}/odd"))
    assert all(name_bytes(name) == fs.cat_file(f"{bucket}/odd/{name}") for name in FILE_NAMES)
    body = payload(MULTIPART)
    with fs.open(f"{bucket}/large", "wb", block_size=6 << 20) as file:
        file.write(body)
    with fs.open(f"{bucket}/large", "ab", block_size=6 << 20) as file:
        file.write(b"more")
    with fs.open(f"{bucket}/large", "rb") as file:
        file.seek(-10, os.SEEK_END)
        assert body[-6:] + b"more" == file.read()
    assert len(body) + 4 == fs.size(f"{bucket}/large")
    fs.mv(f"{bucket}/large", f"{bucket}/dir/moved")
    assert body + b"more" == fs.cat_file(f"{bucket}/dir/moved")
    assert [f"{bucket}/dir/moved"] == fs.glob(f"{bucket}/d*/m*d")
    refused(FileExistsError, fs.pipe_file, f"{bucket}/dir/moved", b"", mode="create")
    refused(FileNotFoundError, fs.cat_file, f"{bucket}/absent")
    fs.rm(f"{bucket}/odd", recursive=True)
    assert not fs.exists(f"{bucket}/odd")


@chapter
def s3fs_versions(bucket: str) -> None:
    """Former versions, tags and metadata of files."""
    import s3fs

    fs = s3fs.S3FileSystem(version_aware=True)
    fs.call_s3(
        "put_bucket_versioning", Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    for body in (b"one", b"two"):
        fs.pipe_file(f"{bucket}/k", body)
    newest, oldest = fs.object_version_info(f"{bucket}/k")
    assert b"one" == fs.cat_file(f"{bucket}/k", version_id=oldest["VersionId"])
    assert newest["IsLatest"]
    fs.put_tags(f"{bucket}/k", {"a": "1"})
    assert {"a": "1"} == fs.get_tags(f"{bucket}/k")
    fs.setxattr(f"{bucket}/k", copy_kwargs={"ContentType": "text/odd"}, colour="blue")
    assert "blue" == fs.getxattr(f"{bucket}/k", "colour")


@chapter
def pandas_parquet(bucket: str) -> None:
    """A frame written to and read from an s3:// address."""
    import pandas

    frame = table_of().to_pandas()
    frame.to_parquet(f"s3://{bucket}/frame.parquet")
    back = pandas.read_parquet(f"s3://{bucket}/frame.parquet", columns=["id", "text"])
    assert frame[["id", "text"]].equals(back)
    frame.head(10).to_csv(f"s3://{bucket}/frame.csv", index=False)
    assert frame["id"].head(10).equals(pandas.read_csv(f"s3://{bucket}/frame.csv")["id"])


@chapter
def pyarrow_parquet(bucket: str) -> None:
    """Arrow's own client, in C++: a dataset in directories, parts, ranges, directories."""
    import pyarrow.dataset
    import pyarrow.parquet
    from pyarrow import fs

    s3 = fs.S3FileSystem(endpoint_override=ENDPOINT)
    table = table_of()
    pyarrow.parquet.write_to_dataset(table, f"{bucket}/set", partition_cols=["part"], filesystem=s3)
    dataset = pyarrow.dataset.dataset(f"{bucket}/set", filesystem=s3, partitioning="hive")
    few = dataset.to_table(columns=["id"], filter=pyarrow.dataset.field("part") == "p 1")
    assert list(range(1, ROWS, 3)) == sorted(few["id"].to_pylist())
    pyarrow.parquet.write_table(table, f"{bucket}/one.parquet", filesystem=s3)
    assert table.equals(pyarrow.parquet.read_table(f"{bucket}/one.parquet", filesystem=s3))
    body = payload(MULTIPART)
    with s3.open_output_stream(f"{bucket}/large") as stream:
        stream.write(body)
    with s3.open_input_file(f"{bucket}/large") as file:
        assert body[7_000_000:7_000_100] == file.read_at(100, 7_000_000)
    s3.create_dir(f"{bucket}/empty/dir", recursive=True)
    kinds = {info.path: info.type for info in s3.get_file_info(fs.FileSelector(bucket))}
    assert fs.FileType.Directory == kinds[f"{bucket}/empty"] == kinds[f"{bucket}/set"]
    s3.copy_file(f"{bucket}/large", f"{bucket}/copy")
    s3.move(f"{bucket}/copy", f"{bucket}/moved")
    s3.delete_dir(f"{bucket}/set")
    names = {info.base_name for info in s3.get_file_info(fs.FileSelector(bucket))}
    assert {"one.parquet", "large", "moved", "empty"} == names


@chapter
def obstore_conditions(bucket: str) -> None:
    """The object store of Rust programs: conditional puts, parts, ranges, copies, signed URLs."""
    import obstore
    from obstore.exceptions import AlreadyExistsError, PreconditionError
    from obstore.store import S3Store

    store = S3Store(bucket, client_options={"allow_http": True})
    first = obstore.put(store, "k", b"one", mode="create")
    refused(AlreadyExistsError, obstore.put, store, "k", b"two", mode="create")
    obstore.put(store, "k", b"two", mode={"e_tag": first["e_tag"]})
    refused(PreconditionError, obstore.put, store, "k", b"x", mode={"e_tag": first["e_tag"]})
    assert b"two" == obstore.get(store, "k").bytes().to_bytes()
    body = payload(MULTIPART)
    obstore.put(store, "a b/large+ü", body, use_multipart=True, chunk_size=6 << 20)
    assert body == obstore.get(store, "a b/large+ü").bytes().to_bytes()
    ranges = obstore.get_ranges(store, "a b/large+ü", starts=[0, 20_000_000], lengths=[3, 5])
    assert [body[:3], body[20_000_000:20_000_005]] == [piece.to_bytes() for piece in ranges]
    obstore.copy(store, "k", "copy")
    obstore.rename(store, "copy", "renamed")
    listed = obstore.list_with_delimiter(store)
    assert ["a b"] == [prefix.rstrip("/") for prefix in listed["common_prefixes"]]
    assert ["k", "renamed"] == [entry["path"] for entry in listed["objects"]]
    with urlopen(obstore.sign(store, "GET", "k", timedelta(minutes=1))) as answer:
        assert b"two" == answer.read()
    obstore.delete(store, ["k", "renamed", "a b/large+ü"])
    refused(FileNotFoundError, obstore.head, store, "k")


@chapter
def delta_writers(bucket: str) -> None:
    """A table with a log of commits, each put only if it is new: whoever loses tries again."""
    import pyarrow
    from deltalake import DeltaTable, write_deltalake
    from deltalake.exceptions import CommitFailedError

    place, options = f"s3://{bucket}/table", {"AWS_ALLOW_HTTP": "true"}

    def rows(writer: int) -> Any:
        return pyarrow.table({"writer": [writer] * 10})

    def append(writer: int) -> None:
        for _ in range(4):
            write_deltalake(place, rows(writer), mode="append", storage_options=options)

    write_deltalake(place, rows(0), storage_options=options)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(append, (1, 2)))
    table = DeltaTable(place, storage_options=options)
    assert 8 == table.version()
    assert [0] * 10 + [1] * 40 + [2] * 40 == sorted(table.to_pyarrow_table()["writer"].to_pylist())
    stale = DeltaTable(place, storage_options=options)
    table.delete("writer = 1")
    refused(CommitFailedError, stale.delete, "writer = 1")
    stale.update_incremental()
    stale.delete("writer = 2")
    assert 10 == stale.version()
    assert [0] * 10 == stale.to_pyarrow_table()["writer"].to_pylist()


if __name__ == "__main__":
    CHAPTERS[sys.argv[1]](sys.argv[2])
    sys.stdout.write("to its end")
    sys.stdout.flush()
    # Threads of these libraries are still there when the interpreter is taken down, and now and
    # then abort it ("terminate called without an active exception").
    os._exit(0)
