"""Several processes for one server: how they are started, kept alive, ended, and how they talk."""
