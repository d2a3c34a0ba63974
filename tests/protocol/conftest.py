"""botocore's model of S3: the independent opinion that tables and shapes are held against."""

from typing import Any

import pytest


@pytest.fixture(scope="session")
def s3_model() -> Any:
    """botocore.model.ServiceModel of S3."""
    model = pytest.importorskip("botocore.model")
    loaders = pytest.importorskip("botocore.loaders")
    return model.ServiceModel(loaders.Loader().load_service_model("s3", "service-2"))
