"""boto3 and the inventory list of a bucket, which comes a moment after the server has started."""

import csv
import gzip
import io
import json
import time
from pathlib import Path

from tests.clients.witness import client, keys, read
from tests.server_process import serving

LIMIT_S = 60.0


def test_the_list_that_was_asked_for_is_there(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--workers", "2") as server:
        s3 = client(server)
        for bucket in ("source", "lists"):
            s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket="source", Key="a b", Body=b"1234567")
        destination = {"Bucket": "arn:aws:s3:::lists", "Format": "CSV", "Prefix": "all"}
        s3.put_bucket_inventory_configuration(
            Bucket="source",
            Id="one",
            InventoryConfiguration={
                "Id": "one",
                "IsEnabled": True,
                "Destination": {"S3BucketDestination": destination},
                "Schedule": {"Frequency": "Daily"},
                "IncludedObjectVersions": "Current",
                "OptionalFields": ["Size"],
            },
        )
        server.restart()  # it looks for what is due when it starts, and once a minute
        s3 = client(server)

        deadline_s = time.monotonic() + LIMIT_S
        found: list[str] = []
        while not any(key.endswith("manifest.checksum") for key in found):
            found = keys(s3, "lists")
            assert time.monotonic() < deadline_s, found

        (name,) = [key for key in found if key.endswith("manifest.json")]
        manifest = json.loads(read(s3, "lists", name))
        (file,) = manifest["files"]
        text = gzip.decompress(read(s3, "lists", file["key"])).decode()
        assert "Bucket, Key, Size" == manifest["fileSchema"]
        assert [["source", "a%20b", "7"]] == list(csv.reader(io.StringIO(text)))
        server.expect_clean_log()
