"""The token that /metrics wants, wherever the operator put it."""

from dataclasses import replace

from ferrox import log
from ferrox.config import Config
from ferrox.errors import StartError
from ferrox.metrics_settings import read_token
from ferrox.storage.key_file import read_passphrase


def with_token(config: Config) -> Config:
    """The same settings, with what a file holds; the token is in no log line from now on.

    raises  StartError when it cannot be read, or is given twice
    """
    token, path = config.metrics_token, config.metrics_token_file
    if token is None and path is None:
        return config
    if path is not None:
        if token is not None:
            raise StartError("metrics_token and metrics_token_file are given: give only one")
        try:
            token = read_token(read_passphrase(path, "token").decode("ascii"))
        except ValueError:
            raise StartError(f"token file {path} does not hold a bearer token") from None
    log.hide(token or "")
    return replace(config, metrics_token=token, metrics_token_file=None)
